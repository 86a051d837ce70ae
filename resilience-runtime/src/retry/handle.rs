//! Looking at retries from outside.

use std::sync::Arc;

use super::outcome::RetryMetrics;
use super::site::RetrySite;
use crate::figures::{Figures, Key};
use crate::site::{self, SitePolicy};

/// The retries of one name. Get it from [`get_retry`].
#[derive(Clone, Debug)]
pub struct RetryHandle {
    name: &'static str,
    sites: Vec<&'static RetrySite>,
    figures: Arc<Figures>,
}

impl RetryHandle {
    /// The function, as `module::function`, or the name of a retry without an attribute.
    pub fn name(&self) -> &str {
        self.name
    }

    /// What the retries of this name have done.
    #[inline]
    pub fn metrics(&self) -> RetryMetrics {
        let sites = self.sites.iter().map(|site| self.figures.of(Key::site(*site)));
        let named = self.figures.named(self.name).map(|(_, counts)| counts);
        sites.chain(named).fold(RetryMetrics::default(), RetryMetrics::add)
    }
}

/// Returns the retry of a function, as `module::function` or the end of that, if no other path ends so: from before the
/// first call.
///
/// A [`RetryPolicy`](crate::RetryPolicy) that is called without an attribute is found by its name, and a
/// [`Pipeline`](crate::Pipeline) by its own, from the first failure on.
///
/// ```
/// use std::time::Duration;
/// use resilience::{RetryPolicy, get_retry};
///
/// const HTTP: RetryPolicy = RetryPolicy::new().max_attempts(4).base_delay(Duration::ZERO);
///
/// assert!(get_retry("get_retry example").is_none());
/// let mut replies = [Ok(7), Err("reset"), Err("reset")].into_iter().rev();
/// let reply = HTTP.named("get_retry example").call(|| replies.next().unwrap());
/// assert_eq!(reply.unwrap(), 7);
///
/// let metrics = get_retry("get_retry example").expect("it was called").metrics();
/// assert_eq!((metrics.second_attempts, metrics.third_attempts), (1, 1));
/// assert_eq!((metrics.recovered, metrics.attempts), (1, 0));
/// ```
#[inline]
pub fn get_retry(name: &str) -> Option<RetryHandle> {
    let sites = site::named(name, |policy| match policy {
        SitePolicy::Retry(site) => Some(*site),
        _ => None,
    });
    let figures = Figures::in_force();
    let own = sites.first().map(|site| site.function());
    let name = own.or_else(|| {
        let has_any = |counts| RetryMetrics::default().add(counts) != RetryMetrics::default();
        figures.named(name).find(|(_, counts)| has_any(counts)).map(|(name, _)| name)
    })?;
    Some(RetryHandle { name, sites, figures })
}
