//! A parameter that nobody reads would be ignored in silence.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(colour = 3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
