use resilience::fallback;

fn cached(_: (u32, u32)) -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(cached)]
fn quote((a, b): (u32, u32)) -> Result<u32, resilience::Error> {
    Ok(a + b)
}

fn main() {}
