//! A function that isn't async can't await what its handler gives.
//!
//! ```
//! fn cached(_id: u32) -> Result<u32, String> {
//!     Ok(0)
//! }
//!
//! #[fallback(cached)]
//! fn price(id: u32) -> Result<u32, String> {
//!     Err(format!("no price for {id}"))
//! }
//! ```

use resilience::fallback;

async fn cached(_id: u32) -> Result<u32, String> {
    Ok(0)
}

#[fallback(cached)]
fn price(id: u32) -> Result<u32, String> {
    Err(format!("no price for {id}"))
}

fn main() {}
