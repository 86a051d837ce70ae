//! A queue that holds nobody is none.
//!
//! ```
//! #[bulkhead(max_concurrent = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 2, max_wait = "1s", max_queue = 0)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
