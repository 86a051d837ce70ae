//! A single value is given by `=`, a list in parentheses.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts(3))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
