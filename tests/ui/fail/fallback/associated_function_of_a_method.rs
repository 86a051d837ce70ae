//! In a method, what is named by `Self::` is given `self` first.
//!
//! ```
//! struct Client;
//!
//! impl Client {
//!     #[fallback(|_| Self::nothing())]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//!
//!     fn nothing() -> Result<u32, resilience::Error> {
//!         Ok(0)
//!     }
//! }
//! ```

use resilience::fallback;

struct Client;

impl Client {
    #[fallback(Self::nothing)]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }

    fn nothing() -> Result<u32, resilience::Error> {
        Ok(0)
    }
}

fn main() {}
