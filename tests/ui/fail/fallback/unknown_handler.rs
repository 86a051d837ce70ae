//! A handler by path is a function that is in scope.
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

#[fallback(cashed)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
