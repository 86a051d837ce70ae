//! A function that never returns neither fails nor succeeds.
//!
//! ```
//! #[retry]
//! fn serve() -> Result<std::convert::Infallible, resilience::Error> {
//!     loop {}
//! }
//! ```

use resilience::retry;

#[retry]
fn serve() -> ! {
    loop {}
}

fn main() {}
