//! Three trials are admitted where `half_open_max_calls` isn't given, so that a fourth success would never
//! come.
//!
//! ```
//! #[circuit_breaker(half_open_max_calls = 4, success_threshold = 4)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(success_threshold = 4)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
