//! A closure whose body is a name reads as the pattern `error | ALWAYS`, which would match all errors.
//!
//! ```
//! #[retry(when = |error| error.is_timed_out())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(on(|error| true))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
