use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = 5, window = "10s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
