//! Among several parameters a bare value could be any of them.
//!
//! ```
//! #[bulkhead(max_concurrent = 16)]
//! fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::bulkhead;

#[bulkhead(16)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
