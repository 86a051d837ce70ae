//! As a factor jitter is a share of the delay, and there is none below zero.
//!
//! ```
//! #[retry(jitter = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = -0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
