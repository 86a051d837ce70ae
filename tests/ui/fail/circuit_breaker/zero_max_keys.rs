use resilience::circuit_breaker;

#[circuit_breaker(key = host, max_keys = 0)]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
