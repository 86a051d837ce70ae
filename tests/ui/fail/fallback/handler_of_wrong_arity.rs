use resilience::fallback;

fn cached(_symbol: &str, _time: u64, _more: u8) -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(cached)]
fn quote(_symbol: &str) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
