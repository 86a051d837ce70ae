//! Any wait may be as long as the longest hint that is waited for.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 2, retry_after = |_| None, max_retry_after = "5s")]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("10s", covers_retries)]
#[retry(max_attempts = 2, retry_after = |_| None)]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
