//! A bare number could be seconds or milliseconds.
//!
//! ```
//! #[circuit_breaker(slow_call = "2s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(slow_call = 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
