//! A backoff is a name, or a function.
//!
//! ```
//! #[retry(backoff = "exponential", multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
