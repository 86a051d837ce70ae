//! A pipeline answers with a `Result`, because each of its policies may refuse.
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

use resilience::resilient;

#[resilient(QUOTES)]
fn quote() -> Option<u32> {
    Some(1)
}

#[resilient(QUOTES)]
fn price() -> u32 {
    1
}

fn main() {}
