use resilience::fallback;

#[fallback(|error| Err(error), when_ok = |value| *value == 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
