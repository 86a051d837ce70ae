//! A value stands behind `=`.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry(max_attempts => 3)]
fn arrow() -> Option<u32> {
    Some(1)
}

#[retry(max_attempts == 3)]
fn twice() -> Option<u32> {
    Some(1)
}

fn main() {}
