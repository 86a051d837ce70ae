//! A timeout ends a call by a `resilience::Error`, which the function's own error must be able to hold.
//!
//! ```
//! struct E;
//!
//! impl From<resilience::Error> for E {
//!     fn from(_: resilience::Error) -> Self {
//!         Self
//!     }
//! }
//!
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, E> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

struct E;

#[timeout("1s")]
async fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
