//! The settings of a hedge as a plain value.

use std::time::Duration;

use super::policy::HedgePolicy;
use crate::budget::NamedBudget;
use crate::config::ConfigError;
use crate::settings::plain_settings;

/// The settings of a [`HedgePolicy`] as public fields. Each is described at the setter of its name.
///
/// ```
/// use std::time::Duration;
/// use resilience::{HedgePolicy, HedgeSettings};
///
/// const READS: HedgePolicy = HedgePolicy::new(Duration::from_millis(50));
/// let settings = HedgeSettings { max: 2, ..READS.settings() };
/// assert_eq!(HedgePolicy::from_settings(settings), Ok(READS.max(2)));
///
/// let none = HedgeSettings { max: 0, ..READS.settings() };
/// assert_eq!(HedgePolicy::from_settings(none).unwrap_err().setting(), "max");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgeSettings {
    /// The time before a hedged request is made, and between one and the next.
    pub after: Duration,
    /// The number of hedged requests; the first call isn't counted.
    pub max: u32,
    /// The budget that hedged requests take a token out of.
    pub budget: Option<NamedBudget>,
}

plain_settings!(HedgeSettings of HedgePolicy);

#[cfg(feature = "serde")]
crate::settings::form::serialized!(
    HedgeSettings from HedgePolicy::new(Duration::ZERO).settings(), required [after],
    { after: Duration, max: u32, budget: Option<NamedBudget> }
);
