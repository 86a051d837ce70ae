//! A pipeline is a value, and no name to look up.
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

#[resilient("quotes")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
