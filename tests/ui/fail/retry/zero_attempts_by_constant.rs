//! A constant is held to the same range as a literal, when the program is compiled.
//!
//! ```
//! const ATTEMPTS: u32 = 1;
//!
//! #[retry(max_attempts = ATTEMPTS)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

const ATTEMPTS: u32 = 0;

#[retry(max_attempts = ATTEMPTS)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
