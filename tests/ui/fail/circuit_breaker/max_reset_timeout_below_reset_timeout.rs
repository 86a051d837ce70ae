//! The open time starts from `reset_timeout` and grows up to `max_reset_timeout`.
//!
//! ```
//! #[circuit_breaker(reset_timeout = "1m", reset_multiplier = 2.0, max_reset_timeout = "5m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(reset_timeout = "1m", reset_multiplier = 2.0, max_reset_timeout = "45s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
