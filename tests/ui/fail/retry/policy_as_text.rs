use resilience::retry;

#[retry(policy = "http")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
