//! The circuit would close without a successful trial.
//!
//! ```
//! #[circuit_breaker(success_threshold = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(success_threshold = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
