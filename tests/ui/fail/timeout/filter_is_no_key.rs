//! A timeout looks at the clock, not at errors.
//!
//! ```
//! #[timeout("1s")]
//! async fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", on(E::Busy))]
async fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
