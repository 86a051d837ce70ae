//! Eleven calls for one are no cure for what is slow.
//!
//! ```
//! #[hedge(after = "50ms", max = 2)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms", max = 11)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
