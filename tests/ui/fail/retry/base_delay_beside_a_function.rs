//! A backoff by function is all that the function says.
//!
//! ```
//! use std::time::Duration;
//!
//! fn schedule(retry: u32) -> Duration {
//!     Duration::from_millis(100) * retry
//! }
//!
//! #[retry(backoff = schedule)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

use std::time::Duration;

fn schedule(retry: u32) -> Duration {
    Duration::from_millis(100) * retry
}

#[retry(backoff = schedule, base_delay = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
