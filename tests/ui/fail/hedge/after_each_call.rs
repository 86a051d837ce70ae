//! A call that ends before a further one is due has none beside it.
//!
//! ```
//! #[hedge(after = "50ms")]
//! #[timeout("200ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{hedge, timeout};

#[hedge(after = "500ms")]
#[timeout("200ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
