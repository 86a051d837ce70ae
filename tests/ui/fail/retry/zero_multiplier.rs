use resilience::retry;

#[retry(multiplier = 0.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
