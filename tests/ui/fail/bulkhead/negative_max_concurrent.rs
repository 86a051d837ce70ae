//! There are no fewer calls than none.
//!
//! ```
//! #[bulkhead(max_concurrent = 1)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = -1)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
