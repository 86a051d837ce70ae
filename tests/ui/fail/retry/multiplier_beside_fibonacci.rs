use resilience::retry;

#[retry(backoff = "fibonacci", multiplier = 2.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
