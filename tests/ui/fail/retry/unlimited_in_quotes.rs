//! `unlimited` is a word of the attribute and no text.
//!
//! ```
//! #[retry(max_attempts = unlimited, max_elapsed = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = "unlimited", max_elapsed = "1m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
