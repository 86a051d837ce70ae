//! Less than no call can't be let through.
//!
//! ```
//! #[rate_limit(rate = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = -1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
