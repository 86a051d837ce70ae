//! The open time grows while trials fail: by less than 1.0 it would shrink.
//!
//! ```
//! #[circuit_breaker(reset_multiplier = 2.0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(reset_multiplier = 0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
