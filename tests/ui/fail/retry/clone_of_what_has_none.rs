//! What each attempt gets a clone of must be `Clone`.
//!
//! ```
//! #[derive(Clone)]
//! struct Request;
//!
//! async fn send(_request: Request) -> Result<u32, String> {
//!     Err("busy".to_owned())
//! }
//!
//! #[retry(clone(request))]
//! async fn call(request: Request) -> Result<u32, String> {
//!     send(request).await
//! }
//! ```

use resilience::retry;

struct Request;

async fn send(_request: Request) -> Result<u32, String> {
    Err("busy".to_owned())
}

#[retry(clone(request))]
async fn call(request: Request) -> Result<u32, String> {
    send(request).await
}

fn main() {}
