use resilience::circuit_breaker;

#[circuit_breaker(retry_after = |error| error.policy_name())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
