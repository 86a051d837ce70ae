//! The rate is a number, and what it is a rate of stands in `per`.
//!
//! ```
//! #[rate_limit(rate = 100, per = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = "100/m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
