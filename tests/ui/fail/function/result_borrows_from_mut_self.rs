//! The next attempt needs what the last one's result still borrows.
//!
//! ```
//! struct Cache(u32);
//!
//! impl Cache {
//!     #[retry]
//!     fn entry(&mut self) -> Result<u32, resilience::Error> {
//!         Ok(self.0)
//!     }
//! }
//! ```

use resilience::retry;

struct Cache(u32);

impl Cache {
    #[retry]
    fn entry(&mut self) -> Result<&mut u32, resilience::Error> {
        Ok(&mut self.0)
    }
}

fn main() {}
