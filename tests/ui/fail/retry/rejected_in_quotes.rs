//! Kinds of rejections are names.
//!
//! ```
//! #[retry(rejected(timed_out))]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[retry(rejected("timed_out"))]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
