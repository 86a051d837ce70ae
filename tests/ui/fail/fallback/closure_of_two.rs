use resilience::fallback;

#[fallback(|symbol, error| Ok(0))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
