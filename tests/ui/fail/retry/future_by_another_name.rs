//! A future that nothing shows to be one would only be made, and never failed.
//!
//! ```
//! use std::{future::{Future, ready}, pin::Pin};
//! type Reply = Pin<Box<dyn Future<Output = Result<u32, resilience::Error>>>>;
//! #[retry]
//! fn quote() -> Reply {
//!     Box::pin(reply())
//! }
//! fn reply() -> Reply {
//!     Box::pin(ready(Ok(1)))
//! }
//! ```

use std::future::{Future, ready};
use std::pin::Pin;

use resilience::retry;

type Reply = Pin<Box<dyn Future<Output = Result<u32, resilience::Error>>>>;

#[retry]
fn quote() -> Reply {
    reply()
}

fn reply() -> Reply {
    Box::pin(ready(Ok(1)))
}

fn main() {}
