//! A hook is a function, by its path or as a closure.
//!
//! ```
//! #[retry(on_retry = |event| println!("attempt {} failed", event.attempt()))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(on_retry = "log")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
