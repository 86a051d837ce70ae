//! The settings of a bulkhead as a plain value.

use std::time::Duration;

use super::policy::BulkheadPolicy;
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`BulkheadPolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use resilience::{BulkheadPolicy, BulkheadSettings};
///
/// const DATABASE: BulkheadPolicy = BulkheadPolicy::new(32);
/// let settings = BulkheadSettings { max_concurrent: 64, ..DATABASE.settings() };
/// assert_eq!(BulkheadPolicy::from_settings(settings), Ok(DATABASE.max_concurrent(64)));
///
/// let none = BulkheadSettings { max_concurrent: 0, ..DATABASE.settings() };
/// assert_eq!(BulkheadPolicy::from_settings(none).unwrap_err().setting(), "max_concurrent");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadSettings {
    /// The number of calls that may run at once.
    pub max_concurrent: u32,
    /// The longest wait for a slot.
    pub max_wait: Duration,
    /// The number of callers that may wait at once; `None` for no bound.
    pub max_queue: Option<u32>,
}

plain_settings!(BulkheadSettings of BulkheadPolicy);

#[cfg(feature = "serde")]
crate::settings::form::serialized!(
    BulkheadSettings from BulkheadPolicy::new(1).settings(), required [max_concurrent],
    { max_concurrent: u32, max_wait: Duration, max_queue: Option<u32> }
);
