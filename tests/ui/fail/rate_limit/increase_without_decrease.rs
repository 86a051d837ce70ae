//! A rate that nothing lowers has nowhere to grow.
//!
//! ```
//! #[rate_limit(rate = 10, decrease = 0.5, increase = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, increase = 1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
