//! A pipeline has its policies in it, in an order of its own: an attribute beside it would have no place in that.
//!
//! ```
//! static QUOTES: std::sync::LazyLock<Pipeline<u32, Error>> = std::sync::LazyLock::new(|| {
//!     Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit")
//! });
//!
//! #[resilient(QUOTES)]
//! fn quote() -> Result<u32, Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{Error, Pipeline, RetryPolicy, resilient, retry};

static QUOTES: std::sync::LazyLock<Pipeline<u32, Error>> = std::sync::LazyLock::new(|| {
    Pipeline::builder().retry(RetryPolicy::new()).build().expect("policies that fit")
});

#[resilient(QUOTES)]
#[retry(max_attempts = 2)]
fn quote() -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
