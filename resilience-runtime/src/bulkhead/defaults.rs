//! What `BulkheadPolicy::new(..)` starts from.

use std::time::Duration;

/// A full bulkhead refuses at once: a caller who can wait says for how long.
pub const BULKHEAD_MAX_WAIT: Duration = Duration::ZERO;
