//! A retry refuses no call by itself. `map_err` stands on the policies that do.
//!
//! ```
//! #[retry]
//! #[circuit_breaker(map_err = std::convert::identity)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(map_err = std::convert::identity)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
