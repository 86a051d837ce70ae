//! A policy sees the rejections of those below it only.
//!
//! ```
//! #[derive(Debug)]
//! enum E {
//!     Busy,
//!     Refused(resilience::Error),
//! }
//!
//! impl From<resilience::Error> for E {
//!     fn from(error: resilience::Error) -> Self {
//!         Self::Refused(error)
//!     }
//! }
//!
//! #[fallback(value = 0, on(E::Busy), rejected(timed_out))]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, E> {
//!     Err(E::Busy)
//! }
//! ```

use resilience::{fallback, timeout};

#[derive(Debug)]
enum E {
    Busy,
    Refused(resilience::Error),
}

impl From<resilience::Error> for E {
    fn from(error: resilience::Error) -> Self {
        Self::Refused(error)
    }
}

#[timeout("1s")]
#[fallback(value = 0, on(E::Busy), rejected(timed_out))]
async fn quote() -> Result<u32, E> {
    Err(E::Busy)
}

fn main() {}
