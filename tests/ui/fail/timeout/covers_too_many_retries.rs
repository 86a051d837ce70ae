//! Attempts that the timeout around them ends are attempts that never were.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 4, base_delay = "1s")]
//! #[timeout("500ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("10s", covers_retries)]
#[retry(max_attempts = 4, base_delay = "1s")]
#[timeout("2s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
