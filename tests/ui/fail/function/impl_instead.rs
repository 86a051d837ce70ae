//! A policy is about one function: the methods of a type seldom fail for the same reasons.
//!
//! ```
//! struct Quote;
//!
//! impl Quote {
//!     #[retry]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::retry;

struct Quote;

#[retry]
impl Quote {
    fn quote(&self) {}
}

fn main() {}
