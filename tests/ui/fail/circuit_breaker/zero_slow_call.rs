//! Every call would be slow.
//!
//! ```
//! #[circuit_breaker(slow_call = "2s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(slow_call = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
