//! Every argument has a key, so that the next reader needs no manual.
//!
//! ```
//! #[health_check(name = "cache", timeout = "1s")]
//! fn cache() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check("cache", timeout = "1s")]
fn cache() -> bool {
    true
}

fn main() {}
