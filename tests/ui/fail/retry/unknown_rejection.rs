use resilience::retry;

#[retry(rejected(timeout))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
