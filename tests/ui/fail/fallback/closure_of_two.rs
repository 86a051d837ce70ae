//! A handler's closure gets the error. The function's arguments are in scope.
//!
//! ```
//! #[fallback(|_error| Ok(0))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(|symbol, error| Ok(0))]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
