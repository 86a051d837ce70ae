//! What `CircuitBreakerPolicy::new()` starts from.

use std::time::Duration;

/// Five failures in a row: fewer trips on noise, more keeps hitting a service that is down.
pub const CIRCUIT_BREAKER_FAILURE_THRESHOLD: u32 = 5;

/// Half a minute of rest before the first trial call: about what a restart takes.
pub const CIRCUIT_BREAKER_RESET_TIMEOUT: Duration = Duration::from_secs(30);

/// Three trial calls at a time: enough to tell luck from recovery, too few to hurt a service that comes back.
pub const CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS: u32 = 3;
