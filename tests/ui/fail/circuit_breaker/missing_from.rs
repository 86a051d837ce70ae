//! An open circuit refuses a call by a `resilience::Error`, which the function's own error must be able to
//! hold.
//!
//! ```
//! enum E {
//!     Refused(resilience::Error),
//! }
//!
//! impl From<resilience::Error> for E {
//!     fn from(error: resilience::Error) -> Self {
//!         Self::Refused(error)
//!     }
//! }
//!
//! #[circuit_breaker]
//! fn quote() -> Result<u32, E> {
//!     Ok(1)
//! }
//! ```

use resilience::circuit_breaker;

struct E;

#[circuit_breaker]
fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
