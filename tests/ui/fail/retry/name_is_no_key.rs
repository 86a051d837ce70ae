//! A retry keeps nothing from one call to the next, so that there is nothing to find by a name.
//!
//! ```
//! #[retry]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(name = "quotes")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
