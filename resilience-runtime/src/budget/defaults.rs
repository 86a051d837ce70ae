//! What `RetryBudgetPolicy::new()` starts from.

use std::time::Duration;

/// One retry for every five calls: a dead dependency sees a fifth more load than a healthy one, as Finagle has it.
pub const RETRY_BUDGET_RATIO: f64 = 0.2;

/// Ten retries a second whatever the traffic, so that a quiet service can retry at all.
pub const RETRY_BUDGET_MIN_PER_SECOND: u32 = 10;

/// What a call deposits is gone ten seconds later: a busy hour ago is no reason to retry now.
pub const RETRY_BUDGET_TTL: Duration = Duration::from_secs(10);
