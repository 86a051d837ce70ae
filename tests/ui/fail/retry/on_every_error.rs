//! A bare name is a binding, as in a `match`: every error is one. Most often the name of a variant was meant.
//!
//! ```
//! #[derive(Debug)]
//! enum E {
//!     Busy,
//!     Lost,
//! }
//!
//! #[retry(on(E::Busy))]
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

#[retry(on(error))]
fn quote() -> Result<u32, E> {
    Err(E::Busy)
}

fn main() {}
