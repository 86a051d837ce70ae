use resilience::circuit_breaker;

#[circuit_breaker]
fn count() -> u32 {
    1
}

fn main() {}
