//! One bulkhead serves all calls, so that none of its settings can depend on one of them.
//!
//! ```
//! #[bulkhead(max_concurrent = 8)]
//! fn quote(limit: u32) -> Result<u32, resilience::Error> {
//!     Ok(limit)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = limit)]
fn quote(limit: u32) -> Result<u32, resilience::Error> {
    Ok(limit)
}

fn main() {}
