//! Only durations are texts. A number has no unit.
//!
//! ```
//! #[circuit_breaker(failure_threshold = 5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = "5")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
