//! `self.cached` is a field. A method is named by its type, and gets `self` first.
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
    #[fallback(self.cached)]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }

    fn cached(&self) -> Result<u32, resilience::Error> {
        Ok(0)
    }
}

fn main() {}
