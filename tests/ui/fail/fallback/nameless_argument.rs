//! A handler by path is given the function's arguments by their names, and a pattern has none.
//!
//! ```
//! #[fallback(|_| Ok(0))]
//! fn quote((a, b): (u32, u32)) -> Result<u32, resilience::Error> {
//!     Ok(a + b)
//! }
//! ```

use resilience::fallback;

fn cached(_: (u32, u32)) -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(cached)]
fn quote((a, b): (u32, u32)) -> Result<u32, resilience::Error> {
    Ok(a + b)
}

fn main() {}
