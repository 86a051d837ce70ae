use resilience::retry;

#[retry(name = "quotes")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
