//! Looking at the hedges of attributes from outside.

use std::sync::Arc;

use super::site::HedgeSite;
use crate::figures::{Counts, Figures, Key};
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
        let sites = self.sites.iter().map(|site| self.figures.of(Key::site(*site)));
        let named = self.figures.named(self.name).map(|(_, counts)| counts);
        sites.chain(named).fold(HedgeMetrics::default(), HedgeMetrics::add)
    }
}

impl HedgeMetrics {
    fn add(self, counts: &Counts) -> Self {
        let counts = &counts.hedges;
        Self {
            made: self.made + counts.made.get(),
            won: self.won + counts.won.get(),
            refused: self.refused + counts.refused.get(),
        }
    }
}

/// The hedge of a function, as `module::function` or the end of that, if no other path ends so: from before the first
/// call.
///
/// A [`HedgePolicy`](crate::HedgePolicy) that is called without an attribute is found by its name, from its first
/// further call on.
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
    let figures = Figures::in_force();
    let own = sites.first().map(|site| site.function());
    let name = own.or_else(|| {
        let has_any = |counts| HedgeMetrics::default().add(counts) != HedgeMetrics::default();
        figures.named(function).find(|(_, counts)| has_any(counts)).map(|(name, _)| name)
    })?;
    Some(HedgeHandle { name, sites, figures })
}
