//! A number is written as one.
//!
//! ```
//! #[rate_limit(rate = 100)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = "100")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
