//! A key is a word.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry(max-attempts = 3)]
fn hyphen() -> Option<u32> {
    Some(1)
}

#[retry("max_attempts" = 3)]
fn quotes() -> Option<u32> {
    Some(1)
}

fn main() {}
