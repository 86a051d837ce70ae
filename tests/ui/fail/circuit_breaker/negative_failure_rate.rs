//! A rate is a share of the calls, and there is none below zero.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = -0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
