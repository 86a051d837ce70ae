//! Every circuit breaker of the program, for those who look at all of them.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::{Instance, Registry, with_registry};
use crate::circuit_breaker::CircuitBreaker;
#[cfg(feature = "keyed")]
use crate::circuit_breaker::CircuitState;
use crate::pipeline;
use crate::site::{self, InstanceSite, SiteName};

/// The circuit breakers by name: those that all calls share, and of those with keys the ones that aren't closed. Looking
/// makes none: `None` is one that no call has asked for yet.
pub(crate) fn circuit_breakers() -> BTreeMap<String, Option<CircuitBreaker>> {
    let mut found = BTreeMap::new();
    for pipeline in pipeline::pipelines() {
        let breaker = pipeline::entry(pipeline.name).and_then(|entry| CircuitBreaker::of_pipeline(&*entry));
        found.extend(breaker.map(|breaker| (breaker.name().to_owned(), Some(breaker))));
    }
    with_registry(|registry| {
        let sites = site::pick(CircuitBreaker::site).filter(|site| !site.is_keyed());
        found.extend(sites.map(|site| (site.name.as_str().to_owned(), made(registry, site))));
        #[cfg(feature = "keyed")]
        {
            let tables = registry.breakers.keyed.read().unwrap_or_else(PoisonError::into_inner);
            let keyed: Vec<_> = tables.values().flat_map(|table| table.list()).collect();
            drop(tables);
            let open = keyed.into_iter().filter(|breaker| breaker.state() != CircuitState::Closed);
            found.extend(open.map(|breaker| (breaker.name().to_owned(), Some(breaker))));
        }
    });
    found
}

/// The instance of a site, if it was made already.
fn made(registry: &Registry, site: &'static InstanceSite<CircuitBreaker>) -> Option<CircuitBreaker> {
    let table = &registry.breakers;
    match site.name {
        SiteName::Named(name) => {
            table.named.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
        }
        #[cfg(feature = "testing")]
        SiteName::Unnamed(_) if crate::testing::registry().is_some() => {
            let address = std::ptr::from_ref(site).addr();
            table.unnamed.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned()
        }
        SiteName::Unnamed(_) => site.made(),
    }
}
