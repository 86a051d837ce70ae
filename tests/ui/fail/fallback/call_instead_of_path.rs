//! A handler is called when the function fails, not where the attribute stands.
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

#[fallback(cached())]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
