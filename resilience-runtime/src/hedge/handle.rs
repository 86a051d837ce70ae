//! Looking at the hedges of attributes from outside.

use std::sync::Arc;

use super::site::HedgeSite;
use crate::figures::Figures;
use crate::registry::with_registry;
use crate::site::{self, SitePolicy};

/// What hedges have done since the program began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HedgeMetrics {
    /// Further calls that were made.
    pub made: u64,
    /// Further calls that gave the answer.
    pub won: u64,
    /// Further calls that were due, and that the budget had no token for.
    pub refused: u64,
}

/// The hedges of a function's name. Get it from [`get_hedge`].
#[derive(Clone, Debug)]
pub struct HedgeHandle {
    name: &'static str,
    sites: Vec<&'static HedgeSite>,
    figures: Arc<Figures>,
}

impl HedgeHandle {
    /// The function, as `module::function`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// What the hedges of this name have done.
    #[inline]
    pub fn metrics(&self) -> HedgeMetrics {
        let of_each = self.sites.iter().map(|site| self.figures.of(*site).hedge);
        of_each.fold(HedgeMetrics::default(), |sum, of| HedgeMetrics {
            made: sum.made + of.made,
            won: sum.won + of.won,
            refused: sum.refused + of.refused,
        })
    }
}

/// The hedge of a function, as `module::function` or the end of that, if no other path ends so: from before the first
/// call.
///
/// ```
/// use resilience::get_hedge;
///
/// assert!(get_hedge("nobody::declares_this").is_none());
/// ```
#[inline]
pub fn get_hedge(function: &str) -> Option<HedgeHandle> {
    let sites = site::named(function, |policy| match policy {
        SitePolicy::Hedge(site) => Some(*site),
        _ => None,
    });
    let figures = with_registry(|registry| Arc::clone(&registry.figures));
    Some(HedgeHandle { name: sites.first()?.function(), sites, figures })
}

/// Counts a further call, for the program or for a test that is isolated.
#[cfg(feature = "tokio")]
pub(super) fn count(site: &'static HedgeSite, count: impl FnOnce(&mut HedgeMetrics)) {
    with_registry(|registry| registry.figures.count(site, |seen| count(&mut seen.hedge)));
}
