//! A key that is not there would be a setting that is silently not in force.
//!
//! ```
//! #[health_check(name = "cache", timeout = "1s", critical = false)]
//! fn cache() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "cache", timeout = "1s", crtical = false)]
fn cache() -> bool {
    true
}

fn main() {}
