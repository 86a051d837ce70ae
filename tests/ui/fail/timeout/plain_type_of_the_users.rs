//! A timeout ends a call without a result, and a plain value has no room to say so.
//!
//! ```
//! struct Quote;
//!
//! #[timeout("1s")]
//! async fn quote() -> Option<Quote> {
//!     Some(Quote)
//! }
//! ```

use resilience::timeout;

struct Quote;

#[timeout("1s")]
async fn quote() -> Quote {
    Quote
}

fn main() {}
