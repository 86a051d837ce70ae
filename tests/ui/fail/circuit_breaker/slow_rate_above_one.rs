use resilience::circuit_breaker;

#[circuit_breaker(slow_call = "2s", slow_rate = 1.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
