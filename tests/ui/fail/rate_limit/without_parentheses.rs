//! Nobody can guess how many calls a service stands.
//!
//! ```
//! #[rate_limit(rate = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
