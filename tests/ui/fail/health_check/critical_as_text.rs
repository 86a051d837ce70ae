//! Critical a check is or it isn't.
//!
//! ```
//! #[health_check(name = "cache", timeout = "1s", critical = false)]
//! fn cache() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "cache", timeout = "1s", critical = "no")]
fn cache() -> bool {
    true
}

fn main() {}
