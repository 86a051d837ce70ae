use resilience::{fallback, retry};

#[retry]
#[fallback(value = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
