//! A function that isn't async can't await what its handler gives.
//!
//! ```
//! fn cached() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[fallback(|_| cached())]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

async fn cached() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[fallback(|_| cached().await)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
