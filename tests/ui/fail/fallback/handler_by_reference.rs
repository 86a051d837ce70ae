//! A handler takes the error over: it is the last who asks for it.
//!
//! ```
//! fn cached(_symbol: &str, error: String) -> Result<u32, String> {
//!     Err(error)
//! }
//!
//! #[fallback(cached)]
//! fn quote(_symbol: &str) -> Result<u32, String> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

fn cached(_symbol: &str, _error: &String) -> Result<u32, String> {
    Ok(0)
}

#[fallback(cached)]
fn quote(_symbol: &str) -> Result<u32, String> {
    Ok(1)
}

fn main() {}
