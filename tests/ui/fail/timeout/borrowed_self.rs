//! A body that isn't async can't be dropped: it is left behind on its thread, where what it borrows may be
//! gone.
//!
//! ```
//! struct Client;
//!
//! impl Client {
//!     #[timeout("1s", mode = "cooperative")]
//!     fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(1)
//!     }
//! }
//! ```

use resilience::timeout;

struct Client;

impl Client {
    #[timeout("1s")]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }
}

fn main() {}
