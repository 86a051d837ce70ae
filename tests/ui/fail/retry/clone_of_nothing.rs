//! An empty list clones nothing.
//!
//! ```
//! #[retry]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(clone())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
