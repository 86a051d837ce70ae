//! Two calls can't both have `self` for themselves.
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! struct Client {
//!     asked: AtomicU32,
//! }
//!
//! impl Client {
//!     #[hedge(after = "50ms")]
//!     async fn quote(&self) -> Result<u32, resilience::Error> {
//!         Ok(self.asked.fetch_add(1, Ordering::Relaxed))
//!     }
//! }
//! ```

use resilience::hedge;

struct Client {
    asked: u32,
}

impl Client {
    #[hedge(after = "50ms")]
    async fn quote(&mut self) -> Result<u32, resilience::Error> {
        self.asked += 1;
        Ok(self.asked)
    }
}

fn main() {}
