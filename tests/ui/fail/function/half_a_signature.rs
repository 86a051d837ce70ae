//! An attribute needs the whole of a signature.
//!
//! ```
//! #[retry]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::retry;

#[retry]
fn quote() -> {
    Some(1)
}

fn main() {}
