//! A wait that ends after the timeout is not begun, so that there would be no second attempt.
//!
//! ```
//! #[timeout("1s")]
//! #[retry(base_delay = "100ms", jitter = "none")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("1s")]
#[retry(base_delay = "2s", jitter = "none")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
