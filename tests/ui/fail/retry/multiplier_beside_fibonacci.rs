//! A fibonacci backoff grows by its own numbers.
//!
//! ```
//! #[retry(backoff = "exponential", multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = "fibonacci", multiplier = 2.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
