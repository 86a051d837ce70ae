//! A rate over an empty window says nothing.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, window = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
