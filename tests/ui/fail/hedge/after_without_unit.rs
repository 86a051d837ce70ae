//! A number alone could be seconds or milliseconds.
//!
//! ```
//! #[hedge(after = "50ms")]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use resilience::hedge;

#[hedge(after = 50)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
