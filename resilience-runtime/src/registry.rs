//! Named instances: found by name, shared by name.

#[cfg(feature = "attributes")]
mod catalog;
#[cfg(feature = "health")]
mod circuit_breakers;
#[cfg(feature = "attributes")]
mod declaration;
#[cfg(feature = "attributes")]
mod declared;
#[cfg(feature = "keyed")]
mod keyed;
#[cfg(feature = "attributes")]
mod names;
#[cfg(not(feature = "attributes"))]
mod undeclared;

use std::any::{Any, TypeId};
use std::collections::HashMap;
#[cfg(feature = "attributes")]
use std::collections::HashSet;
use std::fmt;
#[cfg(feature = "testing")]
use std::sync::Arc;
#[cfg(feature = "attributes")]
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::budget::RetryBudget;
#[cfg(feature = "pipeline")]
use crate::bulkhead::Bulkhead;
#[cfg(feature = "pipeline")]
use crate::circuit_breaker::CircuitBreaker;
#[cfg(feature = "testing")]
use crate::event::Listeners;
#[cfg(feature = "testing")]
use crate::figures::Figures;
#[cfg(feature = "pipeline")]
use crate::kind::PolicyKind;
#[cfg(feature = "pipeline")]
use crate::pipeline;
#[cfg(feature = "pipeline")]
use crate::rate_limit::RateLimiter;
use crate::sync::{RwLock, StaticOnceLock};

#[cfg(feature = "attributes")]
pub use self::catalog::{Catalog, catalog};
#[cfg(feature = "health")]
pub(crate) use self::circuit_breakers::circuit_breakers;
#[cfg(feature = "attributes")]
use self::declaration::Declaration;
#[cfg(feature = "attributes")]
pub use self::declared::Instance;
#[cfg(feature = "testing")]
pub(crate) use self::declared::isolated;
#[cfg(feature = "attributes")]
pub(crate) use self::declared::{budget_settings, resolve};
#[cfg(feature = "attributes")]
use self::declared::{deciding, look_up, path_ending_in};
#[cfg(feature = "keyed")]
use self::declared::{declared, in_force, settings_in_force, sites_of, warn_of};
#[cfg(feature = "keyed")]
pub use self::keyed::{
    BulkheadFamily, CircuitBreakerFamily, RateLimiterFamily, get_bulkhead_family, get_bulkhead_for,
    get_bulkheads, get_circuit_breaker_family, get_circuit_breaker_for, get_circuit_breakers,
    get_rate_limiter_family, get_rate_limiter_for, get_rate_limiters,
};
#[cfg(feature = "keyed")]
pub(crate) use self::keyed::{family, keyed};
#[cfg(feature = "attributes")]
pub use self::names::{NameProblem, NameProblems, verify};
#[cfg(not(feature = "attributes"))]
pub(crate) use self::undeclared::budget_settings;
#[cfg(not(feature = "attributes"))]
use self::undeclared::look_up;
#[cfg(all(feature = "pipeline", not(feature = "attributes")))]
use self::undeclared::path_ending_in;

/// By what a registry finds what it holds: its name, its type, and for what has no name of its own the address of its
/// site.
type Id<'a> = (&'a str, TypeId, usize);

/// All that can be looked up: instances, and what those attributes count that have none.
#[derive(Default)]
pub(crate) struct Registry {
    // Instances of every kind, and with keys the tables of them. One map for all, since each type of map is compiled by
    // itself.
    found: RwLock<HashMap<&'static str, Vec<Entry>>>,
    #[cfg(feature = "pipeline")]
    pub(crate) pipelines: pipeline::Directory,
    // Names whose instances began with default settings: no site gave any.
    #[cfg(feature = "attributes")]
    undeclared: Mutex<HashSet<(&'static str, TypeId)>>,
    // Of an isolated test; the program's need no registry. Handles and abandoned bodies hold the figures.
    #[cfg(feature = "testing")]
    pub(crate) figures: Arc<Figures>,
    #[cfg(feature = "testing")]
    pub(crate) listeners: Listeners,
}

struct Entry {
    of: TypeId,
    address: usize,
    value: Box<dyn Any + Send + Sync>,
}

impl Entry {
    fn get<T: Clone + 'static>(&self) -> Option<T> {
        self.value.downcast_ref().cloned()
    }
}

fn find<'a>(found: &'a HashMap<&'static str, Vec<Entry>>, (name, of, address): Id<'_>) -> Option<&'a Entry> {
    found.get(name)?.iter().find(|entry| (entry.of, entry.address) == (of, address))
}

impl Registry {
    fn get<T: Clone + 'static>(&self, id: Id<'_>) -> Option<T> {
        // Nothing in here panics while the lock is held, so a poisoned map is whole.
        find(&self.found.read().unwrap_or_else(PoisonError::into_inner), id)?.get()
    }

    /// Remembers that no site gives a name settings.
    #[cfg(feature = "attributes")]
    fn remember_undeclared(&self, name: (&'static str, TypeId)) {
        self.undeclared.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    /// Returns true, once, for a name that no site gave settings to until now.
    #[cfg(feature = "attributes")]
    fn is_first_declaration(&self, name: (&'static str, TypeId)) -> bool {
        self.undeclared.lock().unwrap_or_else(PoisonError::into_inner).remove(&name)
    }

    pub(crate) fn get_or_make<T: Clone + Send + Sync + 'static>(
        &self,
        id: Id<'static>,
        make: impl FnOnce() -> T,
    ) -> T {
        self.get(id).unwrap_or_else(|| {
            // Settings are the user's code, which may look other breakers up: made before the lock is taken.
            let new = make();
            let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(first) = find(&found, id).and_then(Entry::get) {
                return first;
            }
            let (name, of, address) = id;
            found.entry(name).or_default().push(Entry { of, address, value: Box::new(new.clone()) });
            new
        })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registry")
    }
}

fn global() -> &'static Registry {
    static GLOBAL: StaticOnceLock<Registry> = StaticOnceLock::new();
    GLOBAL.get_or_init(Registry::default)
}

/// Runs with the program's registry, or with the one that the test kit put in its place.
pub(crate) fn with_registry<T>(run: impl FnOnce(&Registry) -> T) -> T {
    #[cfg(feature = "testing")]
    if let Some(registry) = crate::testing::registry() {
        return run(&registry);
    }
    run(global())
}

/// The circuit breaker of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A breaker without `name = …` is found by its function, as `module::function` or the end of that, if no other path ends
/// so.
///
/// ```
/// use resilience::get_circuit_breaker;
///
/// assert!(get_circuit_breaker("nobody declares this").is_none());
/// ```
#[cfg(feature = "pipeline")]
#[inline]
pub fn get_circuit_breaker(name: &str) -> Option<CircuitBreaker> {
    look_up(name)
        .or_else(|| pipeline::entry(name)?.circuit_breaker())
        .or_else(|| look_up(path_ending_in(PolicyKind::CircuitBreaker, name)?))
}

/// The bulkhead of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A bulkhead without `name = …` is found by its function, as `module::function` or the end of that, if no other path ends
/// so.
///
/// ```
/// use resilience::get_bulkhead;
///
/// assert!(get_bulkhead("nobody declares this").is_none());
/// ```
#[cfg(feature = "pipeline")]
#[inline]
pub fn get_bulkhead(name: &str) -> Option<Bulkhead> {
    look_up(name)
        .or_else(|| pipeline::entry(name)?.bulkhead())
        .or_else(|| look_up(path_ending_in(PolicyKind::Bulkhead, name)?))
}

/// The retry budget of this name, if a `#[retry(budget = …)]` in the program names it: from before the first call.
///
/// One that only a [`RetryPolicy`](crate::RetryPolicy) called by hand names is found from its first call on.
///
/// ```
/// use resilience::get_retry_budget;
///
/// assert!(get_retry_budget("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_retry_budget(name: &str) -> Option<RetryBudget> {
    look_up(name)
}

/// The rate limiter of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A rate limiter without `name = …` is found by its function, as `module::function` or the end of that, if no other path ends
/// so.
///
/// ```
/// use resilience::get_rate_limiter;
///
/// assert!(get_rate_limiter("nobody declares this").is_none());
/// ```
#[cfg(feature = "pipeline")]
#[inline]
pub fn get_rate_limiter(name: &str) -> Option<RateLimiter> {
    look_up(name)
        .or_else(|| pipeline::entry(name)?.rate_limiter())
        .or_else(|| look_up(path_ending_in(PolicyKind::RateLimit, name)?))
}
