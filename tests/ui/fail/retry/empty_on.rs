//! No pattern matches no error: nothing would ever be retried.
//!
//! ```
//! #[retry(on(resilience::Error::TimedOut { .. }))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(on())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
