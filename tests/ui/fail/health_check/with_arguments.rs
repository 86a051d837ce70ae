//! The registry calls a check whenever it is asked, and has nothing to call it with.
//!
//! ```
//! static HOSTS: &[&str] = &["db.example"];
//!
//! #[health_check(name = "database", timeout = "5s")]
//! fn database() -> bool {
//!     !HOSTS.is_empty()
//! }
//! ```

use resilience::health_check;

#[health_check(name = "database", timeout = "5s")]
fn database(host: &str, port: u16) -> bool {
    !host.is_empty() && port > 0
}

fn main() {}
