use resilience::retry;

#[retry(max_attempts = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {
    let _: u32 = quote().unwrap();
}
