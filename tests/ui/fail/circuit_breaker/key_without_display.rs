use resilience::circuit_breaker;

#[circuit_breaker(key = hosts)]
fn quote(hosts: Vec<String>) -> Result<u32, resilience::Error> {
    Ok(hosts.len() as u32)
}

fn main() {}
