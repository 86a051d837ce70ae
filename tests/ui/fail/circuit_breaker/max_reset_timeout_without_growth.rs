//! The open time is `reset_timeout` unless a multiplier or a hint says otherwise.
//!
//! ```
//! #[circuit_breaker(reset_multiplier = 2.0, max_reset_timeout = "5m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(max_reset_timeout = "5m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
