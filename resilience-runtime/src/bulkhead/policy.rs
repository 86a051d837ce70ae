//! The settings of a bulkhead.

use std::fmt;
use std::time::Duration;

use super::defaults::BULKHEAD_MAX_WAIT;
use super::settings::BulkheadSettings;
use crate::clock::Length;
use crate::config::{ConfigError, checked};

/// The settings of `#[bulkhead]`, as a value to share.
///
/// | setting | default |
/// |---|---|
/// | `max_concurrent` | none: it must be given |
/// | [`max_wait`](Self::max_wait) | zero: a full bulkhead refuses at once |
/// | [`max_queue`](Self::max_queue) | no bound but `max_wait` |
///
/// ```
/// use std::time::Duration;
/// use resilience::BulkheadPolicy;
///
/// const DATABASE: BulkheadPolicy = BulkheadPolicy::new(32).max_wait(Duration::from_millis(100));
/// assert!(DATABASE.validate().is_ok());
/// assert!(BulkheadPolicy::new(0).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadPolicy {
    pub(super) settings: BulkheadSettings,
}

impl BulkheadPolicy {
    /// At most so many calls at once; one more is refused.
    pub const fn new(max_concurrent: u32) -> Self {
        Self { settings: BulkheadSettings { max_concurrent, max_wait: BULKHEAD_MAX_WAIT, max_queue: None } }
    }

    /// How many calls may run at once.
    pub const fn max_concurrent(mut self, max_concurrent: u32) -> Self {
        self.settings.max_concurrent = max_concurrent;
        self
    }

    /// How long a caller may wait for a slot, in the order of arrival.
    pub const fn max_wait(mut self, max_wait: Duration) -> Self {
        self.settings.max_wait = max_wait;
        self
    }

    /// How many callers may wait at once; needs [`max_wait`](Self::max_wait).
    pub const fn max_queue(mut self, max_queue: u32) -> Self {
        self.settings.max_queue = Some(max_queue);
        self
    }

    /// The longest that a call can take, the wait for its slot included, where what is inside takes `inside` at the
    /// most; `None` where nothing limits it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use resilience::BulkheadPolicy;
    ///
    /// const DATABASE: BulkheadPolicy = BulkheadPolicy::new(32).max_wait(Duration::from_millis(100));
    /// assert_eq!(DATABASE.worst_case(Some(Duration::from_secs(1))), Some(Duration::from_millis(1_100)));
    /// assert_eq!(DATABASE.worst_case(None), None);
    /// ```
    pub const fn worst_case(&self, inside: Option<Duration>) -> Option<Duration> {
        match inside {
            Some(inside) => Some(inside.saturating_add(self.settings.max_wait)),
            None => None,
        }
    }

    /// Checks the settings as a whole.
    ///
    /// # Errors
    /// A zero `max_concurrent` or `max_queue`, or a `max_queue` without `max_wait`.
    pub const fn validate(&self) -> Result<(), ConfigError> {
        if self.settings.max_concurrent == 0 {
            return Err(ConfigError::new(
                "max_concurrent",
                "`max_concurrent` must be above zero: no call could ever run",
            ));
        }
        match self.settings.max_queue {
            Some(0) => Err(ConfigError::new(
                "max_queue",
                "`max_queue` must be above zero: leave out `max_wait` if nobody may wait",
            )),
            Some(_) if self.settings.max_wait.is_zero() => Err(ConfigError::new(
                "max_queue",
                "`max_queue` needs `max_wait`: without it nobody waits, and the queue stays empty",
            )),
            _ => Ok(()),
        }
    }

    checked! {
        /// ```
        /// use resilience::BulkheadPolicy;
        ///
        /// const RENDER: BulkheadPolicy = BulkheadPolicy::new(16).checked();
        /// ```
        ///
        /// ```compile_fail,E0080
        /// use resilience::BulkheadPolicy;
        ///
        /// const RENDER: BulkheadPolicy = BulkheadPolicy::new(0).checked();
        /// ```
    }
}

impl BulkheadPolicy {
    /// One slot instead of none, and a queue only where there is a wait.
    pub(super) fn repaired(self) -> Self {
        let max_queue =
            self.settings.max_queue.filter(|queue| *queue > 0 && !self.settings.max_wait.is_zero());
        let max_concurrent = self.settings.max_concurrent.max(1);
        Self { settings: BulkheadSettings { max_concurrent, max_queue, ..self.settings } }
    }

    pub(crate) const fn longest_wait(&self) -> Duration {
        self.settings.max_wait
    }
}

impl fmt::Display for BulkheadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at once", self.settings.max_concurrent)?;
        if self.settings.max_wait.is_zero() {
            return f.write_str(", no waiting");
        }
        write!(f, ", waits up to {}", Length(self.settings.max_wait))?;
        match self.settings.max_queue {
            Some(queue) => write!(f, " in a queue of {queue}"),
            None => Ok(()),
        }
    }
}
