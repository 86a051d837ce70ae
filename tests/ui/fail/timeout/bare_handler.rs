//! After the duration every argument has a key.
//!
//! ```
//! async fn cached() -> Result<u32, resilience::Error> {
//!     Ok(0)
//! }
//!
//! #[timeout("1s", fallback = cached)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

async fn cached() -> Result<u32, resilience::Error> {
    Ok(0)
}

#[timeout("1s", cached)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
