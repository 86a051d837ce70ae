//! `on` takes one pattern, as an arm of a `match` does: what is either of two has a bar between them.
//!
//! ```
//! enum E {
//!     Busy,
//!     Lost,
//! }
//!
//! #[retry(on(E::Busy | E::Lost))]
//! fn quote() -> Result<u32, E> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

enum E {
    Busy,
    Lost,
}

#[retry(on(E::Busy, E::Lost))]
fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
