//! Policies keep time and count calls, which is done when the program runs.
//!
//! ```
//! #[retry]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry]
const fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
