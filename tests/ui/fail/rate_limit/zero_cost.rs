//! Calls that cost nothing are not limited.
//!
//! ```
//! #[rate_limit(rate = 10, cost = 0.5)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, cost = 0.0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
