//! One hedge makes as many further calls as it is told to.
//!
//! ```
//! #[hedge(after = "50ms", max = 2)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms")]
#[hedge(after = "100ms")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
