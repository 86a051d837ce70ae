//! Only functions are called.
//!
//! ```
//! enum Quote {
//!     None,
//! }
//!
//! #[retry]
//! fn quote() -> Result<Quote, resilience::Error> {
//!     Ok(Quote::None)
//! }
//! ```

use resilience::retry;

#[retry]
enum Quote {
    None,
}

fn main() {}
