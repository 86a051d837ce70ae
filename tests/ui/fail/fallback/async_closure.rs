//! A handler's closure is a part of the async function: its body may `.await`, and what it gives is the
//! result.
//!
//! ```
//! #[fallback(|error| Err(error))]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

#[fallback(async |error| Err(error))]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
