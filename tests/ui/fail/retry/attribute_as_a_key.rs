use resilience::retry;

#[retry(timeout = "1s", max_attempts = 3)]
fn price() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
