//! `self` can't be given another value, so that no attempt could be handed a clone of it.
//!
//! ```
//! struct Client;
//!
//! impl Client {
//!     #[retry]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::retry;

struct Client;

impl Client {
    #[retry(clone(self))]
    fn quote(self) -> Result<u32, resilience::Error> {
        Ok(1)
    }
}

fn main() {}
