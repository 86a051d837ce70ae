//! `max_keys` bounds the circuit breakers of the keys, and without `key` there is only one.
//!
//! ```
//! #[circuit_breaker(key = host, max_keys = 100)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(max_keys = 100)]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
