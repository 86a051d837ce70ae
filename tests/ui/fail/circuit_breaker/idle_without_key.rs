use resilience::circuit_breaker;

#[circuit_breaker(idle = "1h")]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
