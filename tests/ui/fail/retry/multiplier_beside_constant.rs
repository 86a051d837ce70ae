//! A constant backoff doesn't grow.
//!
//! ```
//! #[retry(backoff = "exponential", multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = "constant", multiplier = 2.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
