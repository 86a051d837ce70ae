use resilience::circuit_breaker;

struct E;

#[circuit_breaker]
fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
