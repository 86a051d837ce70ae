//! A stream gives its results later, one by one, when the function has long returned. What can be retried is
//! opening it.
//!
//! ```
//! trait Stream {
//!     type Item;
//! }
//!
//! struct Quotes;
//!
//! impl Stream for Quotes {
//!     type Item = u32;
//! }
//!
//! #[retry]
//! fn quotes() -> Result<impl Stream<Item = u32>, String> {
//!     Ok(Quotes)
//! }
//! ```

use resilience::retry;

trait Stream {
    type Item;
}

struct Quotes;

impl Stream for Quotes {
    type Item = u32;
}

#[retry]
fn quotes() -> impl Stream<Item = u32> {
    Quotes
}

fn main() {}
