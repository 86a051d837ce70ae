//! Constants are worked out as literals are.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 4, base_delay = "1s")]
//! #[timeout("500ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{RetryPolicy, TimeoutPolicy, bulkhead, retry, timeout};

use std::time::Duration;

const ALL: TimeoutPolicy = TimeoutPolicy::new(Duration::from_secs(10));
const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(4);
const EACH: Duration = Duration::from_secs(1);

#[timeout(policy = ALL, covers_retries)]
#[retry(policy = PATIENT)]
#[bulkhead(max_concurrent = 8, max_wait = "250ms")]
#[timeout(EACH)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
