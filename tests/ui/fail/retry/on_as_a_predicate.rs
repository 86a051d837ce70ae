//! `on` takes a pattern, and `when` a predicate.
//!
//! ```
//! #[retry(when = |error| error.is_timed_out())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(on = |error| error.is_timed_out())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
