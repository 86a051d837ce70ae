//! A value alone could be either the time or the number.
//!
//! ```
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge("50ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
