//! Of two bulkheads around the same calls the smaller one is enough.
//!
//! ```
//! #[bulkhead(max_concurrent = 2)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 4)]
#[bulkhead(max_concurrent = 2)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
