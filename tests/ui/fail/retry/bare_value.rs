//! Among so many parameters a bare value could be any of them.
//!
//! ```
//! #[retry(max_attempts = 3)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(3)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
