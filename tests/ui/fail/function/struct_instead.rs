//! Only functions are called.
//!
//! ```
//! struct Quote;
//!
//! #[retry]
//! fn quote() -> Result<Quote, resilience::Error> {
//!     Ok(Quote)
//! }
//! ```

use resilience::retry;

#[retry]
struct Quote;

fn main() {}
