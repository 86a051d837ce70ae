//! How many calls may run at once depends on what they call: there is no default that is right.
//!
//! ```
//! #[bulkhead(max_concurrent = 16, max_wait = "1s")]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(max_wait = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
