//! A `&mut` has no clone. Every attempt borrows it anew by itself.
//!
//! ```
//! #[retry]
//! fn quote(seen: &mut Vec<u32>) -> Result<u32, resilience::Error> {
//!     seen.push(1);
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(clone(seen))]
fn quote(seen: &mut Vec<u32>) -> Result<u32, resilience::Error> {
    seen.push(1);
    Ok(1)
}

fn main() {}
