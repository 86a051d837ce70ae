use resilience::retry;

#[retry(backoff = "exponental")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
