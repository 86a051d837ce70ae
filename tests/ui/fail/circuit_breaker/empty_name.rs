//! An empty name names nothing. Without `name` the circuit breaker is named after the function.
//!
//! ```
//! #[circuit_breaker]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(name = "")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
