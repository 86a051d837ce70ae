//! The registry has no `self` to call a method on.
//!
//! ```
//! static POOL: Pool = Pool;
//!
//! struct Pool;
//!
//! impl Pool {
//!     fn is_open(&self) -> bool {
//!         true
//!     }
//! }
//!
//! #[health_check(name = "pool", timeout = "1s")]
//! fn pool() -> bool {
//!     POOL.is_open()
//! }
//! ```

use resilience::health_check;

struct Pool;

impl Pool {
    #[health_check(name = "pool", timeout = "1s")]
    fn is_open(&self) -> bool {
        true
    }
}

fn main() {}
