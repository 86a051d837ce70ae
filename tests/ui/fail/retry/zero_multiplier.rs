//! Every delay but the first would be zero.
//!
//! ```
//! #[retry(multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(multiplier = 0.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
