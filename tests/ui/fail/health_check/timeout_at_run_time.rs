//! The program's list is made when it is compiled, so that the limit is a constant. A check with another one is added to
//! a registry by hand.
//!
//! ```
//! fn add(checks: &HealthRegistry, limit: std::time::Duration) -> Result<(), health::HealthCheckError> {
//!     checks.register("database", limit, || true)
//! }
//! ```

use resilience::health_check;

fn limit() -> std::time::Duration {
    std::time::Duration::from_secs(5)
}

#[health_check(name = "database", timeout = limit())]
fn database() -> bool {
    true
}

fn main() {}
