//! The circuit closes after `success_threshold` trials, and `half_open_max_calls` are admitted.
//!
//! ```
//! #[circuit_breaker(half_open_max_calls = 2, success_threshold = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(half_open_max_calls = 2, success_threshold = 3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
