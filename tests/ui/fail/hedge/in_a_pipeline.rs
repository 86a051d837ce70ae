//! A pipeline makes one call at a time.
//!
//! ```
//! #[retry]
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use std::sync::LazyLock;

use resilience::{Error, Pipeline, RetryPolicy, hedge, resilient};

static QUOTES: LazyLock<Pipeline<u32, Error>> =
    LazyLock::new(|| Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit"));

#[resilient(QUOTES)]
#[hedge(after = "50ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
