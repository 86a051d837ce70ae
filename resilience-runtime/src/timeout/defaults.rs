//! The bounds of timeouts.

use std::time::Duration;

/// How many bodies of detached sync timeouts may run at once, abandoned ones included. Enough for a burst, and a
/// bound on the memory that hanging calls can take.
pub const TIMEOUT_MAX_DETACHED_THREADS: usize = 64;

/// How long an idle thread waits for the next detached body before it ends.
pub const TIMEOUT_THREAD_KEEP_ALIVE: Duration = Duration::from_secs(10);
