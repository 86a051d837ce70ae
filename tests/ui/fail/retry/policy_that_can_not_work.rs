//! A shared policy that is `checked` doesn't compile if it can't work, used or not.
//!
//! ```
//! const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(10).checked();
//!
//! #[retry(policy = PATIENT)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::RetryPolicy;

const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(0).checked();

fn main() {
    let _ = PATIENT;
}
