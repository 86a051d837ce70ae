//! A filter is asked of each error, which only a function can be given.
//!
//! ```
//! #[retry(when = |error| matches!(error, resilience::Error::TimedOut { .. }))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(when = matches!(error, resilience::Error::TimedOut { .. }))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
