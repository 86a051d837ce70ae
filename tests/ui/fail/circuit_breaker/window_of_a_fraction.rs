//! A window is a number of calls, which is whole, or a length of time.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = "1.5s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, window = 1.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
