//! A value can't fail, so that what follows is never tried.
//!
//! ```
//! #[fallback(|_| Ok(1), value = 0)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(value = 0, |_| Ok(1))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
