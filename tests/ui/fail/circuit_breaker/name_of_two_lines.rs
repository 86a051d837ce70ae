//! A log has an event in a line.
//!
//! ```
//! #[circuit_breaker(name = "quotes of the exchange")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "quotes\nof the exchange")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
