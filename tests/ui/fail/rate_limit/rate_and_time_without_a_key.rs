//! The calls and the time in which they are let through are two settings.
//!
//! ```
//! #[rate_limit(rate = 100, per = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit("100/min")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
