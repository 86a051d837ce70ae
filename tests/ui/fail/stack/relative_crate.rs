//! The code that an attribute writes may stand in any module, where a relative path means something else.
//!
//! ```
//! #[retry(crate = ::resilience)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(crate = resilience)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
