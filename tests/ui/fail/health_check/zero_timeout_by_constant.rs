//! A constant is held to the same range as a literal, when the program is compiled.
//!
//! ```
//! const LIMIT: std::time::Duration = std::time::Duration::from_secs(5);
//!
//! #[health_check(name = "database", timeout = LIMIT)]
//! fn database() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

const LIMIT: std::time::Duration = std::time::Duration::ZERO;

#[health_check(name = "database", timeout = LIMIT)]
fn database() -> bool {
    true
}

fn main() {}
