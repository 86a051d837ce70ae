//! A constant is held to the same range as a literal, when the program is compiled.
//!
//! ```
//! const RATE: f64 = 0.5;
//!
//! #[circuit_breaker(failure_rate = RATE)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

const RATE: f64 = 1.5;

#[circuit_breaker(failure_rate = RATE)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
