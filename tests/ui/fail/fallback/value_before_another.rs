use resilience::fallback;

#[fallback(value = 0, |_| Ok(1))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
