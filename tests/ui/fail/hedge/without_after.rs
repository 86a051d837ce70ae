//! When a call takes long is something that only you know.
//!
//! ```
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
