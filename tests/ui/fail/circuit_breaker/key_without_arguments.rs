use resilience::circuit_breaker;

const HOST: &str = "localhost";

#[circuit_breaker(key = HOST.to_owned())]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
