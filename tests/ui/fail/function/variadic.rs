//! Arguments without a number and a type can't be kept for the next attempt.
//!
//! ```
//! #[retry]
//! fn quote(_counts: &[u32]) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry]
unsafe extern "C" fn quote(_count: u32, ...) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
