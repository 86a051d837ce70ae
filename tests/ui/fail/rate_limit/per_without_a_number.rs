//! A duration is a number with its unit.
//!
//! ```
//! #[rate_limit(rate = 100, per = "1s")]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 100, per = "second")]
fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
