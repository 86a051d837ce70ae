//! A policy sees the rejections of those below it only.
//!
//! ```
//! #[retry(rejected(circuit_open))]
//! #[circuit_breaker]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{circuit_breaker, retry};

#[circuit_breaker]
#[retry(rejected(circuit_open))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
