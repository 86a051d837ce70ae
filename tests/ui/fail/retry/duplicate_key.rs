//! Of two values one would be ignored.
//!
//! ```
//! #[retry(max_attempts = 4)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = 3, max_attempts = 4)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
