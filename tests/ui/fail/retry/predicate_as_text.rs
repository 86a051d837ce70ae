//! A predicate is a function, by its path or as a closure.
//!
//! ```
//! #[retry(when = resilience::Error::is_timed_out)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(when = "is_transient")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
