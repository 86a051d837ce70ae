use resilience::fallback;

#[fallback]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
