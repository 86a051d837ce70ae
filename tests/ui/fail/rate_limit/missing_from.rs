//! The refusal has to become the function's own error.
//!
//! ```
//! struct OwnError;
//!
//! #[rate_limit(rate = 10, map_err = |_| OwnError)]
//! fn quote() -> Result<u32, OwnError> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

struct OwnError;

#[rate_limit(rate = 10)]
fn quote() -> Result<u32, OwnError> {
    Ok(1)
}

fn main() {}
