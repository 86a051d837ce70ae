//! What `RetryPolicy::new()` starts from.

use std::time::Duration;

/// The first call and two retries: what resilience4j and `MicroProfile` Fault Tolerance users expect, and few
/// enough that a dead dependency sees three times its load at most.
pub const RETRY_MAX_ATTEMPTS: u32 = 3;

/// One second before the first retry: long enough for a restart or a failover to begin.
pub const RETRY_BASE_DELAY: Duration = Duration::from_secs(1);

/// Each wait doubles the one before.
pub const RETRY_MULTIPLIER: f64 = 2.0;

/// The steps of linear backoff are as long as the first wait.
pub const RETRY_LINEAR_MULTIPLIER: f64 = 1.0;

/// No single wait is longer than half a minute; a caller that waits longer has gone.
pub const RETRY_MAX_DELAY: Duration = Duration::from_secs(30);

/// A server's hint above five minutes ends the retries instead of holding the caller.
pub const RETRY_MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
