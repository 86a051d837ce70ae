//! One `#[fallback]` takes several handlers, which are tried in order.
//!
//! ```
//! #[fallback(|_| Ok(0), value = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(value = 0)]
#[fallback(value = 1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
