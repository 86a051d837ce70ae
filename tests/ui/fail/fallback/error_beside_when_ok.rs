//! An `Ok` that counts as a failure comes without an error, so that there may be none to hand over.
//!
//! ```
//! #[fallback(|_| Ok(1), when_ok = |value| *value == 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(|error| Err(error), when_ok = |value| *value == 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
