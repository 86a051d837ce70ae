//! Looking at the fallbacks of attributes from outside.

use std::sync::Arc;

use super::FallbackMetrics;
use crate::figures::{Figures, Key};
use crate::site::{self, Site, SitePolicy};

/// The fallbacks of a function's name. Get it from [`get_fallback`].
#[derive(Clone, Debug)]
pub struct FallbackHandle {
    name: &'static str,
    sites: Vec<&'static Site>,
    figures: Arc<Figures>,
}

impl FallbackHandle {
    /// The function, as `module::function`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Returns the counts of calls that a handler answered, and of calls that none did.
    #[inline]
    pub fn metrics(&self) -> FallbackMetrics {
        let counts = self.sites.iter().map(|site| self.figures.of(Key::site(*site)));
        counts.fold(FallbackMetrics::default(), FallbackMetrics::add)
    }

    /// Each handler that was asked, as the source spells it, with how often it was. `fallback = …` of a circuit breaker
    /// or a timeout is one as well.
    pub fn handlers(&self) -> Vec<(&'static str, u64)> {
        let mut sums: Vec<(&'static str, u64)> = Vec::new();
        for site in &self.sites {
            for (handler, asked) in self.figures.of(Key::site(*site)).fallbacks.asked() {
                match sums.iter_mut().find(|(other, _)| *other == handler) {
                    Some((_, sum)) => *sum += asked,
                    None => sums.push((handler, asked)),
                }
            }
        }
        sums
    }
}

/// Returns the fallback of a function, as `module::function` or the end of that, if no other path ends so: from before
/// the first call.
///
/// ```
/// use resilience::get_fallback;
///
/// assert!(get_fallback("nobody::declares_this").is_none());
/// ```
#[inline]
pub fn get_fallback(function: &str) -> Option<FallbackHandle> {
    let figures = Figures::in_force();
    let answers = |site: &'static Site| {
        let is_fallback = |policy: &SitePolicy| matches!(policy, SitePolicy::Fallback(_));
        // A handler of a breaker or a timeout is in no list.
        site.policies().iter().any(is_fallback)
            || figures.of(Key::site(site)).fallbacks.asked().next().is_some()
    };
    let mut sites = site::sites();
    sites.retain(|site| answers(site));
    let is_exact = sites.iter().any(|site| site.function() == function);
    sites.retain(|site| {
        if is_exact { site.function() == function } else { site::ends_in(site.function(), function) }
    });
    // An end that several paths have means none of them.
    sites.windows(2).all(|pair| pair[0].function() == pair[1].function()).then_some(())?;
    Some(FallbackHandle { name: sites.first()?.function(), sites, figures })
}
