//! The other side counts every call, and so must the rate.
//!
//! ```
//! #[hedge(after = "50ms")]
//! #[rate_limit(rate = 10)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{hedge, rate_limit};

#[rate_limit(rate = 10)]
#[hedge(after = "50ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
