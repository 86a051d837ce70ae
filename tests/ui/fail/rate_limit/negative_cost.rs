//! A call that costs less than nothing would make room for others.
//!
//! ```
//! #[rate_limit(rate = 10, cost = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, cost = -1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
