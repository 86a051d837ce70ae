use resilience::circuit_breaker;

#[circuit_breaker(success_threshold = 4)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
