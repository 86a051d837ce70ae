//! `failure_threshold` counts failures in a row. A window is what a rate is judged by.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = "10s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = 5, window = "10s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
