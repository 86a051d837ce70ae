//! A backoff that nobody knows can't be guessed.
//!
//! ```
//! #[retry(backoff = "exponential")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = "exponental")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
