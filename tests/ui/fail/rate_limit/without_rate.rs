//! Nobody can guess how many calls a service stands.
//!
//! ```
//! #[rate_limit(rate = 100, per = "1m")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::rate_limit;

#[rate_limit(per = "1m")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
