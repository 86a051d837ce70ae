//! A policy that isn't `checked` is checked by the attribute that names it.
//!
//! ```
//! const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(10);
//!
//! #[retry(policy = PATIENT)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{RetryPolicy, retry};

const PATIENT: RetryPolicy = RetryPolicy::new().unlimited_attempts();

#[retry(policy = PATIENT)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
