//! Of all errors but all there is none left to retry.
//!
//! ```
//! #[derive(Debug)]
//! enum E {
//!     Busy,
//!     Lost,
//! }
//!
//! #[retry(except(E::Lost))]
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

#[retry(except(_))]
fn quote() -> Result<u32, E> {
    Err(E::Busy)
}

fn main() {}
