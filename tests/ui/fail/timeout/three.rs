//! One timeout is for all attempts together, and one for each.
//!
//! ```
//! #[timeout("5s")]
//! #[retry]
//! #[timeout("2s")]
//! #[bulkhead(max_concurrent = 2)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{bulkhead, retry, timeout};

#[timeout("5s")]
#[retry]
#[timeout("2s")]
#[bulkhead(max_concurrent = 2)]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
