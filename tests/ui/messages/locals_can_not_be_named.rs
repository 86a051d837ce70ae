use resilience::retry;

#[retry]
fn quote() -> Result<u32, resilience::Error> {
    attempts_0.after_failure(None);
    Ok(1)
}

fn main() {}
