//! Each attribute is imported, or written by its full path.
//!
//! ```
//! #[fallback(value = 0)]
//! #[resilience::retry(max_attempts = 5)]
//! fn answer() -> Result<u32, String> {
//!     Err("busy".to_owned())
//! }
//! ```

use resilience::fallback;

#[fallback(value = 0)]
#[retry(max_attempts = 5)]
fn answer() -> Result<u32, String> {
    Err("busy".to_owned())
}

fn main() {}
