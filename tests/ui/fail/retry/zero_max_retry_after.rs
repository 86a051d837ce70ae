//! Every hint would end the retries.
//!
//! ```
//! #[retry(max_retry_after = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(max_retry_after = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
