//! The word alone says it.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 2)]
//! #[timeout("2s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("10s", covers_retries = true)]
#[retry(max_attempts = 2)]
#[timeout("2s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
