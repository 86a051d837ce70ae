//! The window holds the last 100 calls where none is given, so that more would never be there to judge by.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 200, min_calls = 101)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, min_calls = 101)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
