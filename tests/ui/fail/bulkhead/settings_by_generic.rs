//! One bulkhead serves all instances of a generic function, so that none of its settings can depend on one of
//! them.
//!
//! ```
//! #[bulkhead(max_concurrent = 8)]
//! fn quote<const N: u32>() -> Result<u32, resilience::Error> {
//!     Ok(N)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_concurrent = N)]
fn quote<const N: u32>() -> Result<u32, resilience::Error> {
    Ok(N)
}

fn main() {}
