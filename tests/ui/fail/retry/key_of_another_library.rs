use resilience::retry;

#[retry(retries = 3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
