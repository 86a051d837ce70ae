//! A jitter that nobody knows can't be guessed.
//!
//! ```
//! #[retry(jitter = "full")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(jitter = "ful")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
