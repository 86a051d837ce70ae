//! A method is no name in scope: it is found by its type.
//!
//! ```
//! struct Client;
//!
//! impl Client {
//!     #[fallback(Self::cached)]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//!
//!     fn cached(&self) -> Result<u32, resilience::Error> {
//!         Ok(0)
//!     }
//! }
//! ```

use resilience::fallback;

struct Client;

impl Client {
    #[fallback(cached)]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }

    fn cached(&self) -> Result<u32, resilience::Error> {
        Ok(0)
    }
}

fn main() {}
