use resilience::circuit_breaker;

#[circuit_breaker(reset_timeout = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
