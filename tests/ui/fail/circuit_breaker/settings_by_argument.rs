use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = limit)]
fn quote(limit: u32) -> Result<u32, resilience::Error> {
    Ok(limit)
}

fn main() {}
