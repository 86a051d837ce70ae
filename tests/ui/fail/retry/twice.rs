//! Two retries on one function would multiply their attempts.
//!
//! ```
//! #[retry(max_attempts = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry]
#[retry(max_attempts = 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
