//! A fallback that answers every failure turns all of them into successes before the circuit breaker sees
//! one.
//!
//! ```
//! #[fallback(value = 0)]
//! #[circuit_breaker]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{circuit_breaker, fallback};

#[circuit_breaker]
#[fallback(value = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
