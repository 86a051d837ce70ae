//! `max_queue` bounds the calls that wait, and none waits for no time.
//!
//! ```
//! #[bulkhead(max_concurrent = 2, max_queue = 8, max_wait = "100ms")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 2, max_queue = 8, max_wait = "0s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
