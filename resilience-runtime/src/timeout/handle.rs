//! Looking at the timeouts of attributes from outside.

use std::sync::Arc;

use super::metrics::TimeoutMetrics;
use super::site::TimeoutSite;
use crate::figures::{Figures, Key};
use crate::site::{self, SitePolicy};

/// The timeouts of one name, each of which is an attribute.
///
/// They share nothing but the name; their figures are added up. Get it from [`get_timeout`].
#[derive(Clone, Debug)]
pub struct TimeoutHandle {
    name: &'static str,
    sites: Vec<&'static TimeoutSite>,
    figures: Arc<Figures>,
}

impl TimeoutHandle {
    /// The name.
    pub fn name(&self) -> &str {
        self.name
    }

    /// What the timeouts of this name have seen.
    #[inline]
    pub fn metrics(&self) -> TimeoutMetrics {
        let sites = self.sites.iter().map(|site| self.figures.of(Key::site(*site)));
        // Timeouts whose limit each call works out, and those without an attribute.
        let named = self.figures.named(self.name).map(|(_, counts)| counts);
        sites.chain(named).fold(TimeoutMetrics::default(), TimeoutMetrics::add)
    }
}

/// The timeouts of this name, if an attribute in the program has it: from before the first call.
///
/// A timeout without `name = …` is found by its function, as `module::function` or the end of that, if no other path ends
/// so. One without an attribute, of [`with_timeout`](crate::with_timeout) or a [`Pipeline`](crate::Pipeline), is found by
/// its name from the first time that it ends a call.
///
/// ```
/// use resilience::get_timeout;
///
/// assert!(get_timeout("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_timeout(name: &str) -> Option<TimeoutHandle> {
    let sites = site::named(name, |policy| match policy {
        SitePolicy::Timeout(site) => Some(*site),
        _ => None,
    });
    let figures = Figures::in_force();
    let own = sites.first().map(|site| site.name());
    let name = own.or_else(|| {
        let has_any = |counts| TimeoutMetrics::default().add(counts) != TimeoutMetrics::default();
        figures.named(name).find(|(_, counts)| has_any(counts)).map(|(name, _)| name)
    })?;
    Some(TimeoutHandle { name, sites, figures })
}
