//! What `CircuitBreakerPolicy::new()` starts from.

use std::time::Duration;

use super::policy::Window;

/// Five failures in a row: fewer trips on noise, more keeps hitting a service that is down. In force where no
/// rate is given.
pub const CIRCUIT_BREAKER_FAILURE_THRESHOLD: u32 = 5;

/// A rate is judged over the last hundred calls, as resilience4j does.
pub const CIRCUIT_BREAKER_WINDOW: Window = Window::Calls(100);

/// A rate is not judged before ten calls: one failure out of two says nothing. A smaller window lowers it.
pub const CIRCUIT_BREAKER_MIN_CALLS: u32 = 10;

/// All calls of the window have to be slow, as in resilience4j: slowness alone is a weak sign.
pub const CIRCUIT_BREAKER_SLOW_RATE: f64 = 1.0;

/// Half a minute of rest before the first trial call: about what a restart takes.
pub const CIRCUIT_BREAKER_RESET_TIMEOUT: Duration = Duration::from_secs(30);

/// The open time doesn't grow.
pub const CIRCUIT_BREAKER_RESET_MULTIPLIER: f64 = 1.0;

/// An open time that grows, or that a server asks for, ends at five minutes: somebody should look by then.
pub const CIRCUIT_BREAKER_MAX_RESET_TIMEOUT: Duration = Duration::from_secs(300);

/// Three trial calls at a time: enough to tell luck from recovery, too few to hurt a service that comes back.
pub const CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS: u32 = 3;
