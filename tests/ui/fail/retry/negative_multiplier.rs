//! A delay can't grow to less than nothing.
//!
//! ```
//! #[retry(multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(multiplier = -2.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
