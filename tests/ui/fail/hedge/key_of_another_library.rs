//! The key has another name here.
//!
//! ```
//! #[hedge(after = "50ms", max = 1)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(delay = "50ms", max_attempts = 2)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
