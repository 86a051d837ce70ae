//! `fallback` is called when the circuit is open: a path or a closure.
//!
//! ```
//! #[circuit_breaker(fallback = |_| Ok(0))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(fallback = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
