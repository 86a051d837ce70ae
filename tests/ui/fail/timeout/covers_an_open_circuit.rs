//! An open circuit may stay open for longer than any timeout.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 2)]
//! #[circuit_breaker]
//! #[timeout("2s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{circuit_breaker, retry, timeout};

#[timeout("10s", covers_retries)]
#[retry(max_attempts = 2, rejected(timed_out, circuit_open))]
#[circuit_breaker]
#[timeout("2s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
