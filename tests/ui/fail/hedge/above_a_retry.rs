//! Each of the calls would be retried by itself while the others still run, which makes calls out of calls.
//!
//! ```
//! #[retry]
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{hedge, retry};

#[hedge(after = "50ms")]
#[retry]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
