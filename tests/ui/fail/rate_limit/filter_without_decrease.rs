//! A filter says which failures lower the rate: without `decrease` none does.
//!
//! ```
//! #[rate_limit(rate = 10, decrease = 0.5, on(resilience::Error::TimedOut { .. }))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10, on(resilience::Error::TimedOut { .. }))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
