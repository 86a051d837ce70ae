//! An attempt runs a body, and a method that is only declared has none.
//!
//! ```
//! trait Quotes {
//!     fn quote(&self) -> Result<u32, resilience::Error>;
//! }
//!
//! struct Server;
//!
//! impl Quotes for Server {
//!     #[retry]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::retry;

trait Quotes {
    #[retry]
    fn quote(&self) -> Result<u32, resilience::Error>;
}

fn main() {}
