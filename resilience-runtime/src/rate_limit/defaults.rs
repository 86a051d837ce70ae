//! What `RateLimitPolicy::new()` starts from.

use std::time::Duration;

/// A rate is so many calls a second, unless it says otherwise.
pub const RATE_LIMIT_PER: Duration = Duration::from_secs(1);

/// A used-up rate refuses at once: a caller who can wait says for how long.
pub const RATE_LIMIT_MAX_WAIT: Duration = Duration::ZERO;

/// A rate that adapts goes down to a hundredth of what is configured: low enough to spare a service in trouble, and
/// enough to find out that it is well again.
pub const RATE_LIMIT_MIN_RATE_SHARE: f64 = 0.01;

/// Nine tenths of what a server says is left are used: the rest is for calls under way, and for what other clients
/// of the same account do meanwhile.
pub const RATE_LIMIT_SAFETY: f64 = 0.9;

/// After a decrease the rate grows by a tenth of what is configured every `per`: from the half it is back after five.
pub const RATE_LIMIT_INCREASE_SHARE: f64 = 0.1;

/// The longest that a server can ask for. What asks for more is most likely a mistake in a header, and nobody would
/// look for the reason of a client that stands still for days here.
pub const RATE_LIMIT_MAX_PAUSE: Duration = Duration::from_secs(3600);
