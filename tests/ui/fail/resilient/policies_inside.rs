//! A pipeline has its policies already, and attributes are written one by one.
//!
//! ```
//! use std::sync::LazyLock;
//!
//! static QUOTES: LazyLock<Pipeline<u32, resilience::Error>> =
//!     LazyLock::new(|| Pipeline::builder().retry(RetryPolicy::new()).build().expect("it makes sense"));
//!
//! #[resilient(QUOTES)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::resilient;

#[resilient(retry(max_attempts = 3), timeout("5s"))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
