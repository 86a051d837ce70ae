//! All calls share one table of keys, so that its size can't depend on one of them.
//!
//! ```
//! #[circuit_breaker(key = host, max_keys = 100)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = host, max_keys = host.len())]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
