use resilience::circuit_breaker;

const NAME: &str = "quotes";

#[circuit_breaker(name = NAME)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
