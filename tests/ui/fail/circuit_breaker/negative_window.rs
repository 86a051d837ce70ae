//! A window holds calls or time, and neither is below zero.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, window = -100)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
