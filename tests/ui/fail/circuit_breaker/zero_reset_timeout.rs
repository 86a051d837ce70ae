//! An open circuit would refuse no call.
//!
//! ```
//! #[circuit_breaker(reset_timeout = "30s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(reset_timeout = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
