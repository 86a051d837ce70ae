//! A check is something to call.
//!
//! ```
//! struct Database;
//!
//! #[health_check(name = "database", timeout = "1s")]
//! fn database() -> bool {
//!     let Database = Database;
//!     true
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = "1s")]
struct Database;

fn main() {}
