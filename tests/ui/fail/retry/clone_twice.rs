//! One clone for each attempt is enough.
//!
//! ```
//! #[retry(clone(a))]
//! fn quote(a: String) -> Result<u32, resilience::Error> {
//!     Ok(a.len() as u32)
//! }
//! ```

use resilience::retry;

#[retry(clone(a, a))]
fn quote(a: String) -> Result<u32, resilience::Error> {
    Ok(a.len() as u32)
}

fn main() {}
