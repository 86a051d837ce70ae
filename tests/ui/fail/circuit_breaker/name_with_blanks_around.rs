use resilience::circuit_breaker;

#[circuit_breaker(name = "quotes ")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
