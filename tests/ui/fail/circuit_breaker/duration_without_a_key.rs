//! Every argument has a key.
//!
//! ```
//! #[circuit_breaker(failure_threshold = 5, reset_timeout = "30s")]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(5, "30s")]
fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
