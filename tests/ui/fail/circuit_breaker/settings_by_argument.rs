//! One circuit breaker serves all calls, so that none of its settings can depend on one of them.
//!
//! ```
//! #[circuit_breaker(failure_threshold = 5)]
//! fn quote(limit: u32) -> Result<u32, resilience::Error> {
//!     Ok(limit)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = limit)]
fn quote(limit: u32) -> Result<u32, resilience::Error> {
    Ok(limit)
}

fn main() {}
