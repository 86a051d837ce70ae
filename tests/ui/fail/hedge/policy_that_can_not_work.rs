//! A constant is checked as the literals are.
//!
//! ```
//! use std::time::Duration;
//!
//! const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(2);
//!
//! #[hedge(policy = READS)]
//! async fn quote() -> Result<u32, resilience::Error> {
//!     Ok(1)
//! }
//! ```

use std::time::Duration;

use resilience::{HedgePolicy, hedge};

const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50)).max(99);

#[hedge(policy = READS)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
