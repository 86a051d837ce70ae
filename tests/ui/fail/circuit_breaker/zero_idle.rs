//! A key would be forgotten as soon as no call of it is under way.
//!
//! ```
//! #[circuit_breaker(key = host, idle = "10m")]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = host, idle = "0s")]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
