//! `value` is what the function gives when it succeeds: it is put into an `Ok` by itself.
//!
//! ```
//! #[fallback(value = 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(value = Ok(0))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
