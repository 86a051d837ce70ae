//! The bounds of timeouts.

use std::time::Duration;

/// From how many bodies on that nobody waits for any more one detached timeout begins no other. Enough for a burst, and
/// a bound on the threads that a service which hangs can take. At the bound a call waits for one of them to return, and
/// times out without having begun if none does. Those that were under way when the bound was reached may be left beyond
/// it, one for each caller at a time: a bulkhead outside, whose slot a body keeps until it returns, bounds all of them.
pub const TIMEOUT_MAX_ABANDONED_BODIES: usize = 64;

/// How long an idle thread waits for the next detached body before it ends.
pub const TIMEOUT_THREAD_KEEP_ALIVE: Duration = Duration::from_secs(10);
