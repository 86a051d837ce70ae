//! A cost is a number.
//!
//! ```
//! #[rate_limit(rate = 10, cost = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, cost = "3")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
