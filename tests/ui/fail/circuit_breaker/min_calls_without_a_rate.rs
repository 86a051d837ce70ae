//! `min_calls` says when a rate is judged, and there is none.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, min_calls = 20)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(min_calls = 20)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
