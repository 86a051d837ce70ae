//! A rejection is told from another by its kind, which both timeouts share.
//!
//! ```
//! #[timeout("5s", map_err = std::convert::identity)]
//! #[retry]
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::{retry, timeout};

#[timeout("5s", map_err = std::convert::identity)]
#[retry]
#[timeout("1s", map_err = std::convert::identity)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
