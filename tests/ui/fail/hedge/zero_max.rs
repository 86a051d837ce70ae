//! Without further calls there is no hedge.
//!
//! ```
//! #[hedge(after = "50ms", max = 1)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(after = "50ms", max = 0)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
