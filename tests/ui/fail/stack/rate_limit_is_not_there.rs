//! What would be ignored is refused.
//!
//! ```
//! #[retry]
//! #[bulkhead(max_concurrent = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry]
#[rate_limit(rate = 10)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
