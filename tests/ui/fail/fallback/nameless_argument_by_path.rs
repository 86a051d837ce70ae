//! A handler by path is given the function's arguments by their names, and a pattern has none.
//!
//! ```
//! use std::num;
//!
//! #[fallback(|_| Ok(0))]
//! fn price(num::Wrapping(id): num::Wrapping<u32>) -> Result<u32, String> {
//!     Err(format!("no price for {id}"))
//! }
//! ```

use std::num;

use resilience::fallback;

fn cached(_: num::Wrapping<u32>) -> Result<u32, String> {
    Ok(0)
}

#[fallback(cached)]
fn price(num::Wrapping(id): num::Wrapping<u32>) -> Result<u32, String> {
    Err(format!("no price for {id}"))
}

fn main() {}
