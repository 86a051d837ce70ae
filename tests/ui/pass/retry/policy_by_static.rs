use resilience::{RetryPolicy, retry};

static HTTP_RETRY: RetryPolicy = RetryPolicy::new().max_attempts(5);
const ATTEMPTS: u32 = 2;

#[retry(policy = HTTP_RETRY, max_attempts = ATTEMPTS)]
fn quote() -> std::io::Result<u32> {
    Ok(1)
}

fn main() {
    assert_eq!(quote().unwrap(), 1);
}
