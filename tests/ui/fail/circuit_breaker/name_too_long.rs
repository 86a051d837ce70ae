//! Every error and every event holds the name.
//!
//! ```
//! #[circuit_breaker(name = "quotes")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "quotes of the exchange quotes of the exchange quotes of the exchange quotes of the exchange quotes of the exchange quotes of the exchange at noon")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
