use resilience::circuit_breaker;

#[circuit_breaker(threshold = 5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
