//! A constant is held to the same range as a literal, when the program is compiled.
//!
//! ```
//! const HOSTS: usize = 100;
//!
//! #[circuit_breaker(key = host, max_keys = HOSTS)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

const HOSTS: usize = 0;

#[circuit_breaker(key = host, max_keys = HOSTS)]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
