use resilience::retry;

#[retry(clone())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
