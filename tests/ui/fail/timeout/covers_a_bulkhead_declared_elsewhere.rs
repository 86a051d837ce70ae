//! The compiler has to know how long a call may wait in line.
//!
//! ```
//! #[timeout("10s", covers_retries)]
//! #[retry(max_attempts = 2)]
//! #[bulkhead(name = "database", max_concurrent = 8, max_wait = "1s")]
//! #[timeout("2s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{bulkhead, retry, timeout};

#[timeout("10s", covers_retries)]
#[retry(max_attempts = 2)]
#[bulkhead(name = "database")]
#[timeout("2s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
