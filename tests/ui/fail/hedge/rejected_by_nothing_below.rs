//! What nothing refuses with can't be waited over.
//!
//! ```
//! #[hedge(after = "50ms", rejected(bulkhead_full))]
//! #[bulkhead(max_concurrent = 8)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{bulkhead, hedge};

#[hedge(after = "50ms", rejected(circuit_open))]
#[bulkhead(max_concurrent = 8)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
