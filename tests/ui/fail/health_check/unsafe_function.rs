//! What an `unsafe fn` asks of its caller the registry can't promise.
//!
//! ```
//! fn ping() -> bool {
//!     true
//! }
//!
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     ping()
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = "5s")]
unsafe fn database() -> bool {
    true
}

fn main() {}
