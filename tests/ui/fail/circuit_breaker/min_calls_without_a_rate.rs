use resilience::circuit_breaker;

#[circuit_breaker(min_calls = 20)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
