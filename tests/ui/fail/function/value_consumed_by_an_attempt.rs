use resilience::retry;

#[retry]
fn quote(symbol: String) -> Result<u32, resilience::Error> {
    Ok(symbol.into_bytes().len() as u32)
}

fn main() {}
