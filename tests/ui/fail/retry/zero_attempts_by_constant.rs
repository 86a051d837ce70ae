use resilience::retry;

const ATTEMPTS: u32 = 0;

#[retry(max_attempts = ATTEMPTS)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
