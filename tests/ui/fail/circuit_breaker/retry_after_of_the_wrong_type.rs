//! `retry_after` reads from an error how long to wait, if it says so: an `Option<Duration>`.
//!
//! ```
//! #[circuit_breaker(retry_after = |error| error.retry_after())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(retry_after = |error| error.policy_name())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
