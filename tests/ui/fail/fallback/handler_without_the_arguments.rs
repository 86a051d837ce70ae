//! A handler gets what the function gets, all of it; a closure leaves out what it doesn't need.
//!
//! ```
//! fn nothing() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[fallback(|_| nothing())]
//! fn quote(_symbol: &str) -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

fn nothing() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(nothing)]
fn quote(_symbol: &str) -> Result<u32, resilience::Error> {
    Ok(1)
}

async fn later() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(self::later)]
async fn fetch(_symbol: &str) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
