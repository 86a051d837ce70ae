//! A number of calls has no quotes, and a length of time has a unit.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, window = "100")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
