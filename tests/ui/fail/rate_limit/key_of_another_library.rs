//! Other libraries have other names for it.
//!
//! ```
//! #[rate_limit(rate = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(max_requests = 10)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
