//! Of two limits in one place the tighter one is enough.
//!
//! ```
//! #[rate_limit(rate = 10)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10)]
#[rate_limit(rate = 10, per = "1m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
