//! A full bulkhead refuses a call, and a plain value has no room to say so.
//!
//! ```
//! #[bulkhead(max_concurrent = 2)]
//! fn count() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 2)]
fn count() -> u32 {
    1
}

fn main() {}
