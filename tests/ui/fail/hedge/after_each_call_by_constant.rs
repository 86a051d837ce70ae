//! Constants are compared as literals are.
//!
//! ```
//! use std::time::Duration;
//!
//! const SLOW: Duration = Duration::from_millis(50);
//!
//! #[hedge(after = SLOW)]
//! #[timeout("200ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use std::time::Duration;

use resilience::{hedge, timeout};

const SLOW: Duration = Duration::from_millis(500);

#[hedge(after = SLOW)]
#[timeout("200ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
