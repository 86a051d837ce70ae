//! `exhausted` turns a `RetryExhausted<E>` into an `E`.
//!
//! ```
//! fn tell(_exhausted: resilience::RetryExhausted<String>) -> String {
//!     String::new()
//! }
//!
//! #[retry(exhausted = tell)]
//! fn call() -> Result<u32, String> {
//!     Err("busy".to_owned())
//! }
//! ```

use resilience::retry;

fn tell(_attempts: u32) -> String {
    String::new()
}

#[retry(exhausted = tell)]
fn call() -> Result<u32, String> {
    Err("busy".to_owned())
}

fn main() {}
