//! Two circuit breakers on one function would see the same calls.
//!
//! ```
//! #[circuit_breaker(failure_threshold = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker]
#[circuit_breaker(failure_threshold = 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
