//! Without a `Result`, an `Option` or a policy that refuses calls, nothing fails.
//!
//! ```
//! #[fallback(value = 0, when_ok = |count| *count > 9)]
//! fn count() -> u32 {
//!     1
//! }
//! ```

use resilience::fallback;

#[fallback(value = 0)]
fn count() -> u32 {
    1
}

fn main() {}
