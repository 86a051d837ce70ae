//! Handlers have no key, since there may be many and their order counts.
//!
//! ```
//! fn cached() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[fallback(cached)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

fn cached() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(handler = cached)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
