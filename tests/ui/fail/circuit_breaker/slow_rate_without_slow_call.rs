//! `slow_call` says from when on a call is slow, and `slow_rate` how many of them may be.
//!
//! ```
//! #[circuit_breaker(failure_rate = 0.5, slow_call = "2s", slow_rate = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_rate = 0.5, slow_rate = 0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
