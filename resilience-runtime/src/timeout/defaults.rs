//! The bounds of timeouts.

use std::time::Duration;

/// The number of abandoned bodies of one detached timeout from which on calls wait for one of them to return, and time
/// out without a body if none does. Enough for a burst.
///
/// It is no bound on the threads of a service that hangs: calls under way when it is reached may leave their bodies too.
/// A bulkhead outside is one, since a body keeps its slot until it returns.
pub const TIMEOUT_ABANDONED_BODIES_BEFORE_WAITING: usize = 64;

/// How long an idle thread waits for the next detached body before it ends.
pub const TIMEOUT_THREAD_KEEP_ALIVE: Duration = Duration::from_secs(10);
