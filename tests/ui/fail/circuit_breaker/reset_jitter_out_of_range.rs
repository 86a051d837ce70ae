//! `reset_jitter` is a share of the open time, at most all of it.
//!
//! ```
//! #[circuit_breaker(reset_jitter = 0.1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(reset_jitter = 1.1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
