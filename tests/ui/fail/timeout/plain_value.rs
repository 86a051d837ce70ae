//! A timeout ends a call without a result, and a plain value has no room to say so.
//!
//! ```
//! #[timeout("1s")]
//! async fn count() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s")]
async fn count() -> u32 {
    1
}

fn main() {}
