//! A handler that is named by a longer path is awaited like any other, and what can't be is told once.
//!
//! ```
//! struct Market;
//!
//! impl Market {
//!     #[fallback(Self::cached)]
//!     async fn price(&self, id: u32) -> Result<u32, String> {
//!         Err(format!("no price for {id}"))
//!     }
//!
//!     async fn cached(&self, _id: u32) -> Result<u32, String> {
//!         Ok(0)
//!     }
//! }
//! ```

use resilience::fallback;

struct Market;

impl Market {
    #[fallback(Self::cached)]
    async fn price(&self, id: u32) -> Result<u32, String> {
        Err(format!("no price for {id}"))
    }

    fn cached(&self, _id: u32) -> Result<u32, String> {
        Ok(0)
    }
}

fn main() {}
