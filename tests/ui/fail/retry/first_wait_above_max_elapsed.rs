//! A wait isn't begun if `max_elapsed` ends before it.
//!
//! ```
//! #[retry(base_delay = "100ms", jitter = "none", max_elapsed = "1s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(base_delay = "2s", jitter = "none", max_elapsed = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
