//! A rate is a share of the calls: more than all of them can't be slow.
//!
//! ```
//! #[circuit_breaker(slow_call = "2s", slow_rate = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(slow_call = "2s", slow_rate = 1.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
