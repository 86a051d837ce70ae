use resilience::circuit_breaker;

const CALLS: u32 = 100;

#[circuit_breaker(failure_rate = 0.5, window = CALLS)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
