use resilience::retry;

#[retry(when = |error, attempt| attempt < 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
