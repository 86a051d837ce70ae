//! A call that is ended can't be slow.
//!
//! ```
//! #[circuit_breaker(slow_call = "500ms")]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{circuit_breaker, timeout};

#[circuit_breaker(slow_call = "5s")]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
