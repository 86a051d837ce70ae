//! Without a trial the circuit could never close again.
//!
//! ```
//! #[circuit_breaker(half_open_max_calls = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(half_open_max_calls = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
