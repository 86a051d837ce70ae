//! Without a retry there is nothing to cover.
//!
//! ```
//! #[timeout("10s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{timeout};

#[timeout("10s", covers_retries)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
