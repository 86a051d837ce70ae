//! A parameter that nobody reads would be ignored in silence.
//!
//! ```
//! #[bulkhead(max_concurrent = 8)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrency = 8)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
