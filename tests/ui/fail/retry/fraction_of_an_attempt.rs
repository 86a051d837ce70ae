//! Attempts are whole.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = 2.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
