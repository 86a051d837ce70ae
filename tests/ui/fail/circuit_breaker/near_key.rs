use resilience::circuit_breaker;

#[circuit_breaker(window_size = 100)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
