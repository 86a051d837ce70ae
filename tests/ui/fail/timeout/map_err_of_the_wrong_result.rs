//! It makes the error that the function returns.
//!
//! ```
//! fn text(error: resilience::Error) -> String {
//!     error.to_string()
//! }
//!
//! #[timeout("1s", map_err = text)]
//! fn call() -> Result<u32, String> {
//!     Ok(1)
//! }
//! ```

use resilience::timeout;

enum Problem {
    Late,
}

fn code(_error: resilience::Error) -> u16 {
    503
}

#[timeout("1s", map_err = code)]
async fn by_path() -> Result<u32, Problem> {
    Err(Problem::Late)
}

#[timeout("1s", map_err = |_| 503)]
fn by_closure() -> Result<u32, Problem> {
    Err(Problem::Late)
}

fn main() {}
