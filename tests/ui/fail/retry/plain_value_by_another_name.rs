//! An alias doesn't say whether it can be a failure. The compiler knows.
//!
//! ```
//! #[retry(when_ok = |count| *count == 0)]
//! fn count() -> Count {
//!     1
//! }
//! type Count = u32;
//! ```

use resilience::retry;

type Count = u32;

#[retry]
fn count() -> Count {
    1
}

fn main() {}
