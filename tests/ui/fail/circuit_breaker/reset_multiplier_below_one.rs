use resilience::circuit_breaker;

#[circuit_breaker(reset_multiplier = 0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
