//! A check that has no time is always late.
//!
//! ```
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = "0s")]
fn database() -> bool {
    true
}

fn main() {}
