use resilience::retry;

#[retry(max_elapsed = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
