//! `when` is asked about an error and nothing else.
//!
//! ```
//! #[retry(when = |error| error.is_timed_out())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(when = |error, attempt| attempt < 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
