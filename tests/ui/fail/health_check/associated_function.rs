//! Nothing outside of an `impl` block can name a function in it, and the program's list is outside.
//!
//! ```
//! struct Pool;
//!
//! impl Pool {
//!     fn is_reachable() -> bool {
//!         true
//!     }
//! }
//!
//! #[health_check(name = "pool", timeout = "1s")]
//! fn pool() -> bool {
//!     Pool::is_reachable()
//! }
//! ```

use resilience::health_check;

struct Pool;

impl Pool {
    #[health_check(name = "pool", timeout = "1s")]
    fn is_reachable() -> bool {
        true
    }
}

fn main() {}
