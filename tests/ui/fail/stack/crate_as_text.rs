//! The library is named by its path.
//!
//! ```
//! #[retry(crate = ::resilience)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(crate = "resilience")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
