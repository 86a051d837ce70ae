use resilience::fallback;

#[fallback(0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
