//! What each call works out is not known to the compiler.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 3)]
//! #[timeout("2s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("10s", covers_retries)]
#[retry(max_attempts = attempts)]
#[timeout("2s")]
async fn quote(attempts: u32) -> Result<u32, resilience::Error> {
    Ok(attempts)
}

fn main() {}
