//! A policy is a value of the program, and not looked up by a name.
//!
//! ```
//! const HTTP_RETRY: resilience::RetryPolicy = resilience::RetryPolicy::new().max_attempts(5);
//!
//! #[retry(policy = HTTP_RETRY)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(policy = "http")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
