//! As a factor jitter is a share of the delay, at most all of it.
//!
//! ```
//! #[retry(jitter = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = 1.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
