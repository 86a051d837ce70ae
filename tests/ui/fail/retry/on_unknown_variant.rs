//! The pattern is matched with the function's own error.
//!
//! ```
//! #[derive(Debug)]
//! enum E {
//!     Busy,
//!     Lost,
//! }
//!
//! #[retry(on(E::Lost))]
//! fn quote() -> Result<u32, E> {
//!     Err(E::Busy)
//! }
//! ```

use resilience::retry;

#[derive(Debug)]
enum E {
    Busy,
    Lost,
}

#[retry(on(E::Gone))]
fn quote() -> Result<u32, E> {
    Err(E::Busy)
}

fn main() {}
