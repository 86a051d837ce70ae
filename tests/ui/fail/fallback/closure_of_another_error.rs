//! The closure gets the function's own error, a refusal converted to it too.
//!
//! ```
//! #[fallback(|error: std::io::Error| if error.raw_os_error().is_some() { Ok(0) } else { Err(error) })]
//! fn call() -> Result<u32, std::io::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(|error: resilience::Error| if error.is_timed_out() { Ok(0) } else { Ok(1) })]
fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
