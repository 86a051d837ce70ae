//! What it is given is a `resilience::Error`, whatever the function's own error is.
//!
//! ```
//! #[timeout("1s", map_err = |error: resilience::Error| error.to_string())]
//! fn call() -> Result<u32, String> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

#[timeout("1s", map_err = |error: String| error)]
fn call() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
