//! A further call that is due when all is over is never made.
//!
//! ```
//! #[timeout("1s")]
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{hedge, timeout};

#[timeout("1s")]
#[hedge(after = "1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
