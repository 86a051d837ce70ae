//! An error is a success, a failure, or neither.
//!
//! ```
//! #[circuit_breaker(success_on(error if error.raw_os_error() == Some(2)))]
//! fn fetch(id: u32) -> Result<u32, std::io::Error> {
//!     Ok(id)
//! }
//! ```

use resilience::circuit_breaker;

enum FetchError {
    NotFound,
    Cancelled,
    Rejected(resilience::Error),
}

impl From<resilience::Error> for FetchError {
    fn from(rejection: resilience::Error) -> Self {
        Self::Rejected(rejection)
    }
}

#[circuit_breaker(success_on(FetchError::NotFound), except(FetchError::NotFound | FetchError::Cancelled))]
fn neither(id: u32) -> Result<u32, FetchError> {
    Ok(id)
}

#[circuit_breaker(success_on(FetchError::NotFound), on(FetchError::NotFound))]
fn failure(id: u32) -> Result<u32, FetchError> {
    Ok(id)
}

#[circuit_breaker(success_on(_))]
fn all(id: u32) -> Result<u32, FetchError> {
    Ok(id)
}

fn main() {}
