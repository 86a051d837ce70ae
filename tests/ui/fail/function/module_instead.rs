//! A policy is about one function.
//!
//! ```
//! mod quotes {
//!     #[resilience::retry]
//!     pub fn quote() -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::retry;

#[retry]
mod quotes {}

fn main() {}
