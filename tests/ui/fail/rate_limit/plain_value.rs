//! A refused call has to answer something.
//!
//! ```
//! #[rate_limit(rate = 10)]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(rate = 10)]
fn quote() -> u32 {
    1
}

fn main() {}
