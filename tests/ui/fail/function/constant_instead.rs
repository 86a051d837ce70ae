//! Only functions are called.
//!
//! ```
//! #[retry]
//! fn quote() -> Option<u32> {
//!     None
//! }
//! ```

use resilience::retry;

#[retry]
const QUOTE: Option<u32> = None;

fn main() {}
