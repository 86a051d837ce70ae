//! A bare number could be seconds or milliseconds.
//!
//! ```
//! #[bulkhead(max_concurrent = 2, max_wait = "100ms")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 2, max_wait = 100)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
