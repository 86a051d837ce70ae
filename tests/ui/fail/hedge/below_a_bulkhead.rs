//! A slot is for one call at a time, and a hedge below would have several in it.
//!
//! ```
//! #[hedge(after = "50ms")]
//! #[bulkhead(max_concurrent = 8)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{bulkhead, hedge};

#[bulkhead(max_concurrent = 8)]
#[hedge(after = "50ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
