use resilience::{circuit_breaker, fallback};

#[circuit_breaker]
#[fallback(value = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
