//! Only durations are texts. A number has no unit.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = "3")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
