use resilience::retry;

#[retry(jitter = "ful")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
