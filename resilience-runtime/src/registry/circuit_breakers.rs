//! Every circuit breaker of the program, for those who look at all of them.

use std::any::TypeId;
use std::collections::BTreeMap;
#[cfg(feature = "keyed")]
use std::sync::PoisonError;

#[cfg(feature = "keyed")]
use super::Entry;
use super::{Registry, with_registry};
use crate::circuit_breaker::CircuitBreaker;
#[cfg(feature = "keyed")]
use crate::circuit_breaker::CircuitState;
#[cfg(feature = "keyed")]
use crate::keyed::Family;
use crate::pipeline;
use crate::site::{self, InstanceSite, SiteName, SitePolicy};

/// The circuit breakers by name: those that all calls share, and of those with keys the ones that aren't closed. Looking
/// makes none: `None` is one that no call has asked for yet.
pub(crate) fn circuit_breakers() -> BTreeMap<String, Option<CircuitBreaker>> {
    let mut found = BTreeMap::new();
    for pipeline in pipeline::pipelines() {
        let breaker = pipeline::entry(pipeline.name).and_then(|entry| entry.circuit_breaker());
        found.extend(breaker.map(|breaker| (breaker.name().to_owned(), Some(breaker))));
    }
    with_registry(|registry| {
        let sites = site::pick(|_, policy| match policy {
            SitePolicy::CircuitBreaker(site) => Some(site),
            _ => None,
        });
        let sites = sites.into_iter().filter(|site| !site.is_keyed());
        found.extend(sites.map(|site| (site.name().to_owned(), made(registry, site))));
        #[cfg(feature = "keyed")]
        {
            let instances = registry.found.read().unwrap_or_else(PoisonError::into_inner);
            let families: Vec<Family<CircuitBreaker>> =
                instances.values().flatten().filter_map(Entry::get).collect();
            drop(instances);
            let keyed = families.iter().flat_map(Family::instances);
            let open = keyed.filter(|breaker| breaker.state() != CircuitState::Closed);
            found.extend(open.map(|breaker| (breaker.name().to_owned(), Some(breaker))));
        }
    });
    found
}

/// The instance of a site, if it was made already.
fn made(registry: &Registry, site: &'static InstanceSite<CircuitBreaker>) -> Option<CircuitBreaker> {
    let id = |name, address| (name, TypeId::of::<CircuitBreaker>(), address);
    match site.name {
        SiteName::Named(name) => registry.get(id(name, 0)),
        #[cfg(feature = "testing")]
        SiteName::Unnamed(name) if crate::testing::registry().is_some() => {
            registry.get(id(name, std::ptr::from_ref(site).addr()))
        }
        SiteName::Unnamed(_) => site.made(),
    }
}
