//! A rate of no calls says nothing.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, min_calls = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, min_calls = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
