//! The handler of an async function is awaited, so that it may wait itself.
//!
//! ```
//! async fn cached(_id: u32) -> Result<u32, String> {
//!     Ok(0)
//! }
//!
//! #[fallback(cached)]
//! async fn price(id: u32) -> Result<u32, String> {
//!     Err(format!("no price for {id}"))
//! }
//! ```

use resilience::fallback;

fn cached(_id: u32) -> Result<u32, String> {
    Ok(0)
}

#[fallback(cached)]
async fn price(id: u32) -> Result<u32, String> {
    Err(format!("no price for {id}"))
}

fn main() {}
