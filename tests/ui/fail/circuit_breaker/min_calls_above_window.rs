//! The rate is judged once the window holds `min_calls`, which this window never does.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, window = 10, min_calls = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, window = 10, min_calls = 20)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
