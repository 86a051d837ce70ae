use resilience::retry;

fn log(_attempt: u32) {}

#[retry(on_retry = log)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
