//! `on_retry` is told of a retry by one event, by reference.
//!
//! ```
//! fn log(_event: &resilience::RetryEvent<'_, resilience::Error>) {}
//!
//! #[retry(on_retry = log)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

fn log(_attempt: u32) {}

#[retry(on_retry = log)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
