//! A number alone could be of seconds or of milliseconds.
//!
//! ```
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = 5)]
fn database() -> bool {
    true
}

fn main() {}
