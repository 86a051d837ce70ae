//! Looking at the hedges of attributes from outside.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use super::site::HedgeSite;
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
}

impl HedgeHandle {
    /// The function, as `module::function`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// What the hedges of this name have done.
    pub fn metrics(&self) -> HedgeMetrics {
        let figures = figures();
        let of_each = self.sites.iter().filter_map(|site| figures.get(&address(site)));
        of_each.fold(HedgeMetrics::default(), |sum, of| HedgeMetrics {
            made: sum.made + of.made,
            won: sum.won + of.won,
            refused: sum.refused + of.refused,
        })
    }
}

/// The hedge of a function, as `module::function`, if it has one: from before the first call.
///
/// ```
/// use resilience_runtime::get_hedge;
///
/// assert!(get_hedge("nobody::declares_this").is_none());
/// ```
pub fn get_hedge(function: &str) -> Option<HedgeHandle> {
    let of_name = site::pick(|policy| match policy {
        SitePolicy::Hedge(site) if site.function() == function => Some(*site),
        _ => None,
    });
    let sites: Vec<_> = of_name.collect();
    Some(HedgeHandle { name: sites.first()?.function(), sites })
}

/// By the address of the site's static, which constants of the expansion read and which can't hold what changes.
type Figures = HashMap<usize, HedgeMetrics>;

fn figures() -> MutexGuard<'static, Figures> {
    static FIGURES: LazyLock<Mutex<Figures>> = LazyLock::new(Mutex::default);
    FIGURES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Only a call that takes long comes by here.
#[cfg(feature = "tokio")]
pub(super) fn count(site: &'static HedgeSite, count: impl FnOnce(&mut HedgeMetrics)) {
    count(figures().entry(address(site)).or_default());
}

fn address(site: &'static HedgeSite) -> usize {
    std::ptr::from_ref(site).addr()
}
