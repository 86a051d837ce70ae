//! Looking at the timeouts of attributes from outside.

use std::sync::Arc;

use super::late::{self, TimeoutMetrics};
use super::site::TimeoutSite;
use crate::figures::Figures;
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
        let of_each = self.sites.iter().map(|site| self.figures.of(*site).timeout);
        of_each.fold(TimeoutMetrics::default(), |sum, of| TimeoutMetrics {
            late: sum.late + of.late,
            abandoned: sum.abandoned + of.abandoned,
        })
    }
}

/// The timeouts of this name, if an attribute in the program has it: from before the first call.
///
/// A timeout without `name = …` is found by its function, as `module::function` or the end of that, if no other path ends
/// so.
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
    Some(TimeoutHandle { name: sites.first()?.name(), sites, figures: late::figures() })
}
