//! The rate never rises above what is configured, so that it can't stay above more than that.
//!
//! ```
//! #[rate_limit(rate = 10, min_rate = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, min_rate = 20)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
