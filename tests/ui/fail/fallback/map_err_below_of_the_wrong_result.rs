//! A handler gets a refusal as the function's own error, which `map_err` makes.
//!
//! ```
//! #[fallback(|error: String| Err(error))]
//! #[timeout("1s", map_err = |error| error.to_string())]
//! fn call() -> Result<u32, String> {
//!     Ok(1)
//! }
//! ```

use resilience::{fallback, timeout};

#[fallback(|error: Vec<u8>| Err(error))]
#[timeout("1s", map_err = |error| error.to_string())]
fn call() -> Result<u32, Vec<u8>> {
    Ok(1)
}

fn main() {}
