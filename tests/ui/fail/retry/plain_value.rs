//! Every number may be right. `when_ok` says which is a failure.
//!
//! ```
//! #[retry(when_ok = |count| *count == 0)]
//! fn count() -> u32 {
//!     1
//! }
//! ```

use resilience::retry;

#[retry]
fn count() -> u32 {
    1
}

fn main() {}
