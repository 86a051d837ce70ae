//! An answer to everything is a success, and the first success wins: no failure would wait for a better call.
//!
//! ```
//! #[fallback(value = 0)]
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{fallback, hedge};

#[hedge(after = "50ms")]
#[fallback(value = 0)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
