use resilience::timeout;

#[timeout("1s")]
fn quote(symbol: &str) -> Result<u32, resilience::Error> {
    Ok(symbol.len() as u32)
}

fn main() {}
