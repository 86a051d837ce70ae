//! A rate is a number, not a text with a percent sign.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.25)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = "25%")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
