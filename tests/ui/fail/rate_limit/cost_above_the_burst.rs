//! A call that costs more than a full bucket holds is never let through.
//!
//! ```
//! #[rate_limit(rate = 10, burst = 4, cost = 4)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, burst = 3, cost = 4)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
