//! A constant with shared settings stands in `policy`.
//!
//! ```
//! #[retry(policy = resilience::RetryPolicy::new())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(HTTP_RETRY)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
