//! The closure gets the function's own error, a rejection converted to it too.
//!
//! ```
//! #[fallback(|error: std::io::Error| if error.raw_os_error().is_some() { Ok(0) } else { Err(error) })]
//! fn call() -> Result<u32, std::io::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::fallback;

enum QuoteError {
    Down,
    Rejected(resilience::Error),
}

impl From<resilience::Error> for QuoteError {
    fn from(rejection: resilience::Error) -> Self {
        Self::Rejected(rejection)
    }
}

#[fallback(|error: resilience::Error| if error.is_timed_out() { Ok(0) } else { Ok(1) })]
fn call() -> Result<u32, QuoteError> {
    Err(QuoteError::Down)
}

fn main() {}
