//! Whole numbers are kept exactly: a longer `per` says the same as a fraction.
//!
//! ```
//! #[rate_limit(rate = 1, per = "2s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 0.5)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
