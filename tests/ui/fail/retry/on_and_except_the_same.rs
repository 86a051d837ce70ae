//! An error that is named twice is left out.
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

#[retry(on(E::Busy), except(E::Lost | E::Busy))]
fn quote() -> Result<u32, E> {
    Err(E::Busy)
}

fn main() {}
