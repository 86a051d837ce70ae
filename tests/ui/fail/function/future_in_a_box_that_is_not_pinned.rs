//! Only a pinned future can be awaited.
//!
//! ```
//! use std::pin::Pin;
//!
//! #[retry]
//! fn quote() -> Pin<Box<dyn Future<Output = Result<u32, resilience::Error>>>> {
//!     Box::pin(async { Ok(1) })
//! }
//! ```

use resilience::retry;

#[retry]
fn quote() -> Box<dyn Future<Output = Result<u32, resilience::Error>>> {
    Box::new(async { Ok(1) })
}

fn main() {}
