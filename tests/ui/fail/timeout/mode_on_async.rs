//! An async function is dropped when its time is up. The modes are about functions that can't be.
//!
//! ```
//! #[timeout("1s")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", mode = "cooperative")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
