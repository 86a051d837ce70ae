use resilience::circuit_breaker;

#[circuit_breaker(key = "{host}")]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
