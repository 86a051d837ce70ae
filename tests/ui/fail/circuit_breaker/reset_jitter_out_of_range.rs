use resilience::circuit_breaker;

#[circuit_breaker(reset_jitter = 1.1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
