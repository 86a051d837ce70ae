//! The rate never grows above what is configured.
//!
//! ```
//! #[rate_limit(rate = 10, decrease = 0.5, increase = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, decrease = 0.5, increase = 11)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
