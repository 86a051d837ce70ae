//! A parameter that isn't one would do nothing.
//!
//! ```
//! #[rate_limit(rate = 10, burst = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, bursts = 3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
