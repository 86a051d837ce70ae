//! The open time starts from `reset_timeout`, 30 seconds where none is given, and grows up to
//! `max_reset_timeout`.
//!
//! ```
//! #[circuit_breaker(reset_multiplier = 2.0, max_reset_timeout = "5m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(reset_multiplier = 2.0, max_reset_timeout = "10s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
