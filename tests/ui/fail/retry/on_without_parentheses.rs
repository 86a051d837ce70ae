//! `on` takes a pattern, which stands in parentheses. After `=` stands an expression.
//!
//! ```
//! #[retry(on(resilience::Error::TimedOut { .. }))]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::retry;

#[retry(on = resilience::Error::TimedOut { .. })]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
