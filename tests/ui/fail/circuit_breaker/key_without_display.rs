//! Errors and events name the key, so that it must have a text: `Display`.
//!
//! ```
//! #[circuit_breaker(key = hosts.join(","))]
//! fn quote(hosts: Vec<String>) -> Result<u32, resilience::Error> {
//!     Ok(hosts.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = hosts)]
fn quote(hosts: Vec<String>) -> Result<u32, resilience::Error> {
    Ok(hosts.len() as u32)
}

fn main() {}
