//! A wait isn't begun if the time around it ends before.
//!
//! ```
//! #[timeout("10s")]
//! #[retry(base_delay = "2s", jitter = "none")]
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
