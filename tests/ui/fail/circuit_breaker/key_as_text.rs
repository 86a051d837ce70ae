//! A text is the same for every call: all of them would share one key.
//!
//! ```
//! #[circuit_breaker(key = host)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = "{host}")]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
