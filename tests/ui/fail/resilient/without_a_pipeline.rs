//! The policies are the pipeline's, so that one must be named.
//!
//! ```
//! static QUOTES: std::sync::LazyLock<Pipeline<u32, Error>> = std::sync::LazyLock::new(|| {
//!     Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit")
//! });
//! #[resilient(QUOTES)]
//! fn quote() -> Result<u32, Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{Error, resilient};

#[resilient]
fn quote() -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
