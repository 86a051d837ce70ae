use resilience::retry;

#[retry(when = "is_transient")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
