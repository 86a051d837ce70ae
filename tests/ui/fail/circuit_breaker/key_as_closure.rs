//! `key` is an expression in which the arguments are in scope, so that there is nothing to hand to a closure.
//!
//! ```
//! #[circuit_breaker(key = host)]
//! fn quote(host: &str) -> Result<u32, resilience::Error> {
//!     Ok(host.len() as u32)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(key = |host| host)]
fn quote(host: &str) -> Result<u32, resilience::Error> {
    Ok(host.len() as u32)
}

fn main() {}
