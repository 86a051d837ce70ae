//! A parameter that nobody reads would be ignored in silence: names of other libraries are pointed to the one
//! that is meant.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(window_size = 100)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
