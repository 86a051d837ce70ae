//! The instances of a name that has one for each key.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{
    Declaration, Entry, Instance, NameProblem, declared, in_force, settings_in_force, sites_of, warn_of,
    with_registry,
};
use crate::bulkhead::Bulkhead;
use crate::circuit_breaker::CircuitBreaker;
use crate::key::{KEY_IDLE, MAX_KEYS, Overflow};
use crate::keyed::{AnyKeyed, Bounds, Family, Key, KeySettings, Owned};
use crate::rate_limit::RateLimiter;
use crate::site::{InstanceSite, Location, PolicyKind, SiteName};

/// Returns the table of a site's name for keys of a type.
pub(crate) fn keyed<I: Instance, K: Owned>(site: &'static InstanceSite<I>) -> Arc<dyn AnyKeyed<I>> {
    family(site).table::<K>()
}

/// Returns the family of a site: the instances of all keys of its name.
pub(crate) fn family<I: Instance>(site: &'static InstanceSite<I>) -> Family<I> {
    with_registry(|registry| {
        // Sites without a name of their own are told apart by where they are.
        let address = match site.name {
            SiteName::Named(_) => 0,
            SiteName::Unnamed(_) => std::ptr::from_ref(site).addr(),
        };
        let of = TypeId::of::<Family<I>>();
        let family = registry.get_or_make((site.name(), of, address), || {
            if let SiteName::Named(name) = site.name {
                warn_of(I::KIND, name);
            }
            let settings = settings_of(site);
            if settings.is_none() {
                registry.remember_undeclared((site.name(), of));
            }
            Family::new(site.name(), settings_in_force::<I>(site.name(), settings), bounds_of(site))
        });
        // A library that was loaded since declares them.
        if let Some(settings) = site.settings.filter(|_| registry.is_first_declaration((site.name(), of))) {
            // Repaired, if they can't work.
            let _ = family.reconfigure(in_force::<I>(site.name(), settings()));
        }
        family
    })
}

/// The settings that a site's instances begin with.
fn settings_of<I: Instance>(site: &InstanceSite<I>) -> Option<fn() -> I::Policy> {
    match site.name {
        SiteName::Named(name) => declared::<I>(name),
        SiteName::Unnamed(_) => site.settings,
    }
}

/// How many keys a site's name keeps, and for how long: as the first site says, in the order of the source, that says
/// so.
fn bounds_of<I: Instance>(site: &InstanceSite<I>) -> Bounds {
    let given: Vec<KeySettings> = match site.name {
        SiteName::Named(name) => {
            let sites = sites_of(I::KIND, name);
            sites.filter(|site| site.name == SiteName::Named(name)).filter_map(|site| site.keys).collect()
        }
        SiteName::Unnamed(_) => site.keys.into_iter().collect(),
    };
    Bounds {
        max_keys: given.iter().find_map(|keys| keys.max_keys).unwrap_or(MAX_KEYS),
        idle: given.iter().find_map(|keys| keys.idle).unwrap_or(KEY_IDLE),
        overflow: given.iter().find_map(|keys| keys.overflow).unwrap_or(I::OVERFLOW),
    }
}

/// Where the sites of one name disagree about its keys.
pub(super) fn problems(sites: &[Declaration]) -> Vec<NameProblem> {
    #[derive(Default)]
    struct Said {
        keyed: Option<Location>,
        unkeyed: Option<Location>,
        max_keys: Option<(usize, Location)>,
        idle: Option<(Duration, Location)>,
        overflow: Option<(Overflow, Location)>,
        is_told: bool,
    }
    let mut names: HashMap<(PolicyKind, &'static str), Said> = HashMap::new();
    let mut problems = Vec::new();
    for site in sites {
        let (kind, SiteName::Named(name), at) = (site.kind, site.name, site.location) else { continue };
        let said = names.entry((kind, name)).or_default();
        let mut differ = |setting, first: Location| {
            let (first, second) = (first.to_string(), at.to_string());
            problems.push(NameProblem::KeyBounds { kind, name, setting, first, second });
        };
        match site.keys {
            Some(KeySettings { max_keys, idle, overflow }) => {
                said.keyed.get_or_insert(at);
                if let Some(given) = max_keys {
                    let (first, first_at) = *said.max_keys.get_or_insert((given, at));
                    if first != given {
                        differ("max_keys", first_at);
                    }
                }
                if let Some(given) = idle {
                    let (first, first_at) = *said.idle.get_or_insert((given, at));
                    if first != given {
                        differ("idle", first_at);
                    }
                }
                if let Some(given) = overflow {
                    let (first, first_at) = *said.overflow.get_or_insert((given, at));
                    if first != given {
                        differ("overflow", first_at);
                    }
                }
            }
            None => _ = said.unkeyed.get_or_insert(at),
        }
        if let (Some(keyed), Some(unkeyed), false) = (said.keyed, said.unkeyed, said.is_told) {
            said.is_told = true;
            let (keyed, unkeyed) = (keyed.to_string(), unkeyed.to_string());
            problems.push(NameProblem::PartlyKeyed { kind, name, keyed, unkeyed });
        }
    }
    problems
}

/// Returns the family of a name that has keys, if a site declares it.
fn look_up_family<I: Instance>(name: &str) -> Option<Family<I>> {
    let site = sites_of(I::KIND, name).find(|site| site.is_keyed)?;
    site.site::<I>().map(family)
}

/// Returns the instance of a key, if a call has used it.
fn look_up_for<I: Instance, Q: ?Sized + Key>(name: &str, key: &Q) -> Option<I> {
    families::<I>(name).iter().find_map(|family| family.get(key))
}

/// Returns the instances of all keys of a name.
fn list<I: Instance>(name: &str) -> Vec<I> {
    families::<I>(name).iter().flat_map(Family::instances).collect()
}

/// Returns the families of a name: one, unless it is the path of several functions.
fn families<I: Instance>(name: &str) -> Vec<Family<I>> {
    with_registry(|registry| {
        let found = registry.found.read().unwrap_or_else(PoisonError::into_inner);
        found.get(name).into_iter().flatten().filter_map(Entry::get).collect()
    })
}

/// The circuit breaker of a key, if an attribute of this name has `key = …` and a call has used the key.
///
/// The key has to be of the type that the attribute's is: `"host"` for a `String` or a `&str`, `&7_u64` for a `u64`.
///
/// ```
/// use resilience::get_circuit_breaker_for;
///
/// assert!(get_circuit_breaker_for("nobody declares this", "host").is_none());
/// ```
pub fn get_circuit_breaker_for<Q: ?Sized + Key>(name: &str, key: &Q) -> Option<CircuitBreaker> {
    look_up_for(name, key)
}

/// The circuit breakers of all keys in use under a name that has `key = …`, in no order. Each is named after its key,
/// `name[key]`.
///
/// ```
/// use resilience::get_circuit_breakers;
///
/// assert!(get_circuit_breakers("nobody declares this").is_empty());
/// ```
pub fn get_circuit_breakers(name: &str) -> Vec<CircuitBreaker> {
    list(name)
}

/// The bulkhead of a key, if an attribute of this name has `key = …` and a call has used the key.
///
/// The key has to be of the type that the attribute's is: `"tenant"` for a `String` or a `&str`, `&7_u64` for a `u64`.
///
/// ```
/// use resilience::get_bulkhead_for;
///
/// assert!(get_bulkhead_for("nobody declares this", "tenant").is_none());
/// ```
pub fn get_bulkhead_for<Q: ?Sized + Key>(name: &str, key: &Q) -> Option<Bulkhead> {
    look_up_for(name, key)
}

/// The bulkheads of all keys in use under a name that has `key = …`, in no order. Each is named after its key,
/// `name[key]`.
///
/// ```
/// use resilience::get_bulkheads;
///
/// assert!(get_bulkheads("nobody declares this").is_empty());
/// ```
pub fn get_bulkheads(name: &str) -> Vec<Bulkhead> {
    list(name)
}

/// The rate limiter of a key, if an attribute of this name has `key = …` and a call has used the key.
///
/// The key has to be of the type that the attribute's is: `"host"` for a `String` or a `&str`, `&7_u64` for a `u64`.
///
/// ```
/// use resilience::get_rate_limiter_for;
///
/// assert!(get_rate_limiter_for("nobody declares this", "host").is_none());
/// ```
pub fn get_rate_limiter_for<Q: ?Sized + Key>(name: &str, key: &Q) -> Option<RateLimiter> {
    look_up_for(name, key)
}

/// The rate limiters of all keys in use under a name that has `key = …`, in no order. Each is named after its key,
/// `name[key]`.
///
/// ```
/// use resilience::get_rate_limiters;
///
/// assert!(get_rate_limiters("nobody declares this").is_empty());
/// ```
pub fn get_rate_limiters(name: &str) -> Vec<RateLimiter> {
    list(name)
}

/// The circuit breakers of all keys of a name.
pub type CircuitBreakerFamily = Family<CircuitBreaker>;

/// Returns the circuit breakers of all keys of a name, if an attribute of this name has `key = …`: from before the first call.
/// The handle lists them, and changes the settings of all keys, future keys included.
///
/// Without `name = …` they are found by their function, as `module::function`.
///
/// ```
/// use resilience::get_circuit_breaker_family;
///
/// assert!(get_circuit_breaker_family("nobody declares this").is_none());
/// ```
pub fn get_circuit_breaker_family(name: &str) -> Option<CircuitBreakerFamily> {
    look_up_family(name)
}

/// The bulkheads of all keys of a name.
pub type BulkheadFamily = Family<Bulkhead>;

/// Returns the bulkheads of all keys of a name, if an attribute of this name has `key = …`: from before the first call.
/// The handle lists them, and changes the settings of all keys, future keys included.
///
/// Without `name = …` they are found by their function, as `module::function`.
///
/// ```
/// use resilience::get_bulkhead_family;
///
/// assert!(get_bulkhead_family("nobody declares this").is_none());
/// ```
pub fn get_bulkhead_family(name: &str) -> Option<BulkheadFamily> {
    look_up_family(name)
}

/// The rate limiters of all keys of a name.
pub type RateLimiterFamily = Family<RateLimiter>;

/// Returns the rate limiters of all keys of a name, if an attribute of this name has `key = …`: from before the first call.
/// The handle lists them, and changes the settings of all keys, future keys included.
///
/// Without `name = …` they are found by their function, as `module::function`.
///
/// ```
/// use resilience::get_rate_limiter_family;
///
/// assert!(get_rate_limiter_family("nobody declares this").is_none());
/// ```
pub fn get_rate_limiter_family(name: &str) -> Option<RateLimiterFamily> {
    look_up_family(name)
}
