//! A check that hangs would keep every probe waiting.
//!
//! ```
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database")]
fn database() -> bool {
    true
}

fn main() {}
