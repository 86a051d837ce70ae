//! `idle` says for how long the circuit breaker of a key is kept, and without `key` there is only one, which
//! stays.
//!
//! ```
//! #[circuit_breaker(key = host, idle = "1h")]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(idle = "1h")]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
