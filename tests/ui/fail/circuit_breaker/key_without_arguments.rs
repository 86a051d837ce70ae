//! A key that no argument is part of is the same for every call.
//!
//! ```
//! #[circuit_breaker(key = host)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

const HOST: &str = "localhost";

#[circuit_breaker(key = HOST.to_owned())]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
