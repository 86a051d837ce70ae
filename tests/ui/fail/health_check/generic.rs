//! Nobody chooses a type for a check: the registry just calls it.
//!
//! ```
//! fn is_reachable<T: Default>() -> bool {
//!     true
//! }
//!
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     is_reachable::<u32>()
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = "5s")]
fn is_reachable<T: Default>() -> bool {
    true
}

fn main() {}
