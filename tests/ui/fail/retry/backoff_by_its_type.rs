//! The attribute takes the name of the backoff; the type `Backoff` is for policies at run time.
//!
//! ```
//! #[retry(backoff = "fibonacci")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(backoff = resilience::Backoff::Fibonacci)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
