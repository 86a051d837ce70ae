//! A rate that is multiplied by one stays what it is.
//!
//! ```
//! #[rate_limit(rate = 10, decrease = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, decrease = 1.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
