//! Failures in a row are counted in 24 bits.
//!
//! ```
//! #[circuit_breaker(failure_threshold = 16_777_214)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = 16_777_215)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
