//! `retry_after` is called with the error and nothing else.
//!
//! ```
//! #[circuit_breaker(retry_after = |error| error.retry_after())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

#[circuit_breaker(retry_after = |error, attempt| None)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
