//! A trait's methods have no body to run, but for their default ones.
//!
//! ```
//! trait Quotes {
//!     #[retry]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::retry;

#[retry]
trait Quotes {
    fn quote(&self);
}

fn main() {}
