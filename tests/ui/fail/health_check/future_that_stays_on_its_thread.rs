//! Whoever asks runs the checks, on whatever thread that is.
//!
//! ```
//! use std::sync::Arc;
//!
//! #[health_check(name = "database", timeout = "1s")]
//! async fn database() -> bool {
//!     let shared = Arc::new(1);
//!     std::future::ready(()).await;
//!     *shared == 1
//! }
//! ```

use std::rc::Rc;

use resilience::health_check;

#[health_check(name = "database", timeout = "1s")]
async fn database() -> bool {
    let shared = Rc::new(1);
    std::future::ready(()).await;
    *shared == 1
}

fn main() {}
