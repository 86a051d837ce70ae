//! A wait that ends after the timeout is not begun, so that there would be no second attempt.
//!
//! ```
//! use std::time::Duration;
//!
//! const DELAY: Duration = Duration::from_millis(100);
//!
//! #[timeout("1s")]
//! #[retry(base_delay = DELAY, jitter = "none")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use std::time::Duration;

use resilience::{retry, timeout};

const DELAY: Duration = Duration::from_secs(2);

#[timeout("1s")]
#[retry(base_delay = DELAY, jitter = "none")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
