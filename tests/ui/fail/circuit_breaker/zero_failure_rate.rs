//! A rate of zero is reached by every call, failed or not.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
