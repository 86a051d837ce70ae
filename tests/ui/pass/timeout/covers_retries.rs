//! All attempts and waits fit, by literals and by constants, with room to spare and without.

#![deny(warnings)]

use std::time::Duration;

use resilience::{
    BulkheadPolicy, RetryPolicy, TimeoutPolicy, bulkhead, circuit_breaker, fallback, retry, timeout,
};

const ALL: TimeoutPolicy = TimeoutPolicy::new(Duration::from_secs(10));
const RETRY: RetryPolicy = RetryPolicy::new().max_attempts(4).base_delay(Duration::from_millis(500));
const SLOTS: BulkheadPolicy = BulkheadPolicy::new(8).max_wait(Duration::from_millis(100));

// Three attempts of 2 s, and waits of 1 s and 2 s.
#[timeout("9s", covers_retries)]
#[retry]
#[timeout("2s")]
async fn exactly() -> Result<u32, resilience::Error> {
    Ok(1)
}

#[fallback(value = 1)]
#[timeout(policy = ALL, covers_retries)]
#[retry(policy = RETRY, max_attempts = 3, budget = "covered")]
#[circuit_breaker]
#[bulkhead(policy = SLOTS)]
#[timeout("800ms")]
async fn by_policies() -> Result<u32, resilience::Error> {
    Ok(1)
}

#[timeout("10s", covers_retries)]
#[retry(max_attempts = unlimited, max_elapsed = "8s", retry_after = |_| None)]
#[timeout("2s")]
async fn unlimited() -> Result<u32, resilience::Error> {
    Ok(1)
}

#[timeout("3s", mode = "cooperative", covers_retries)]
#[retry(max_attempts = 2, backoff = "constant")]
#[timeout("1s")]
fn sync(text: &'static str) -> Result<usize, resilience::Error> {
    Ok(text.len())
}

struct Generic<T>(T);

impl<T: Send + Sync> Generic<T> {
    #[timeout("10s", covers_retries)]
    #[retry]
    #[timeout("1s")]
    async fn method(&self) -> Result<&T, resilience::Error> {
        Ok(&self.0)
    }
}

fn main() {
    drop((exactly(), by_policies(), unlimited(), Generic(1).method()));
    assert_eq!(sync("a"), Ok(1));
}
