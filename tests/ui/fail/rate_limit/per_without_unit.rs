//! A duration has a unit.
//!
//! ```
//! #[rate_limit(rate = 10, per = "60s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, per = 60)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
