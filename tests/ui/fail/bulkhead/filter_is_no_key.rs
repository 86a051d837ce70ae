//! A bulkhead counts the calls that are under way, whatever comes of them.
//!
//! ```
//! #[bulkhead(max_concurrent = 2)]
//! fn quote() -> Option<u32> {
//!     Some(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = 2, on(E::Busy))]
fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
