//! A number says nothing of how well something is.
//!
//! ```
//! #[health_check(name = "queue", timeout = "1s")]
//! async fn queue() -> health::Health {
//!     health::Health::healthy().detail("length", 12)
//! }
//! ```

use resilience::health_check;

#[health_check(name = "queue", timeout = "1s")]
async fn queue() -> u32 {
    12
}

#[health_check(name = "mail", timeout = "1s")]
fn mail() -> u32 {
    12
}

fn main() {}
