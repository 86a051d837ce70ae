//! The word for no limit is `unlimited`, and an argument would be one of the function's.
//!
//! ```
//! #[retry(max_attempts = unlimited, max_elapsed = "1m")]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts = unlimted, max_elapsed = "1m")]
fn quote() -> Option<u32> {
    Some(1)
}

#[retry(max_attempts = infinite, max_elapsed = "1m")]
fn fetch() -> Option<u32> {
    Some(1)
}

fn main() {}
