//! No key would have a circuit breaker that lasts.
//!
//! ```
//! #[circuit_breaker(key = host, max_keys = 100)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = host, max_keys = 0)]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
