//! Named instances: found by name, shared by name.

mod catalog;
#[cfg(feature = "health")]
mod circuit_breakers;
mod declaration;
#[cfg(feature = "keyed")]
mod keyed;
mod names;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::budget::{RetryBudget, RetryBudgetPolicy};
use crate::bulkhead::Bulkhead;
use crate::circuit_breaker::CircuitBreaker;
use crate::config::ConfigError;
use crate::figures::Figures;
use crate::name::Name;
use crate::pipeline;
use crate::rate_limit::RateLimiter;
use crate::report;
use crate::site::{self, InstanceSite, PolicyKind, SiteName};
use crate::sync::{RwLock, StaticOnceLock};

pub use self::catalog::{Catalog, catalog};
#[cfg(feature = "health")]
pub(crate) use self::circuit_breakers::circuit_breakers;
use self::declaration::Declaration;
#[cfg(feature = "keyed")]
pub use self::keyed::{
    get_bulkhead_for, get_bulkheads, get_circuit_breaker_for, get_circuit_breakers, get_rate_limiter_for,
    get_rate_limiters,
};
#[cfg(feature = "keyed")]
pub(crate) use self::keyed::{keyed, policy_of};
use self::names::problems;
pub use self::names::{NameProblem, NameProblems, verify};

/// A policy with a state of its own, which sites of one name share.
pub trait Instance: Clone + Send + Sync + Sized + 'static {
    /// Its settings.
    type Policy: Copy + PartialEq + fmt::Debug + fmt::Display + Send + Sync + 'static;

    /// What it is called.
    const KIND: PolicyKind;

    /// A new one.
    fn make(name: Name, policy: Self::Policy) -> Self;

    /// The settings in force.
    fn policy(&self) -> Self::Policy;

    /// Another one with the same settings.
    #[cfg(feature = "keyed")]
    fn make_alike(&self, name: Name) -> Self {
        Self::make(name, self.policy())
    }

    /// Settings that work, as near as can be to those that don't.
    fn repaired(policy: Self::Policy) -> Self::Policy;

    /// Whether a name that no site gives settings to is a mistake.
    const NEEDS_SETTINGS: bool;

    /// What a name stands for that no site gives settings to.
    fn default_policy() -> Self::Policy;

    /// Whether settings can work.
    fn validate(policy: &Self::Policy) -> Result<(), ConfigError>;

    /// The pipeline's instance that bears its name.
    fn of_pipeline(pipeline: &dyn pipeline::Entry) -> Option<Self>;

    /// Whether nobody holds it, and a new one that is made after this pattern would behave the same in its place.
    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, pattern: &Self) -> bool;
}

/// By what a registry finds what it holds: its name, its type, and for what has no name of its own the address of its
/// site.
type Id<'a> = (&'a str, TypeId, usize);

/// All that can be looked up: instances, and what those attributes count that have none.
#[derive(Default)]
pub(crate) struct Registry {
    // Instances of every kind, and with keys the tables of them. One map for all, since each type of map is compiled by
    // itself.
    found: RwLock<HashMap<&'static str, Vec<Entry>>>,
    pub(crate) pipelines: pipeline::Directory,
    // What has no instance. Handles hold it, and bodies that nobody waits for any more.
    pub(crate) figures: Arc<Figures>,
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

    fn get_or_make<T: Clone + Send + Sync + 'static>(&self, id: Id<'static>, make: impl FnOnce() -> T) -> T {
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

/// The instance of a site in the program's own registry.
pub(crate) fn resolve<I: Instance>(site: &'static InstanceSite<I>) -> I {
    match site.name {
        SiteName::Named(name) => named(global(), name),
        SiteName::Unnamed(name) => make(name, site.settings),
    }
}

/// The instance of a site in the registry that the test kit put in place, if it did.
#[cfg(feature = "testing")]
pub(crate) fn isolated<I: Instance>(site: &'static InstanceSite<I>) -> Option<I> {
    let registry = crate::testing::registry()?;
    Some(match site.name {
        SiteName::Named(name) => named(&registry, name),
        SiteName::Unnamed(name) => {
            let address = std::ptr::from_ref(site).addr();
            registry.get_or_make((name, TypeId::of::<I>(), address), || make(name, site.settings))
        }
    })
}

fn named<I: Instance>(registry: &Registry, name: &'static str) -> I {
    registry.get_or_make((name, TypeId::of::<I>(), 0), || {
        warn_of(I::KIND, name);
        make(name, declared::<I>(name))
    })
}

/// What is wrong with a name is told when it is first used.
fn warn_of(kind: PolicyKind, name: &str) {
    for problem in problems(&sites_of(kind, name).copied().collect::<Vec<_>>()) {
        report::warn(problem);
    }
}

fn make<I: Instance>(name: &'static str, settings: Option<fn() -> I::Policy>) -> I {
    I::make(Name::from_static(name), settings_in_force::<I>(name, settings))
}

/// Settings that were computed may not work, and an attribute has nobody to tell but the log.
fn settings_in_force<I: Instance>(name: &str, settings: Option<fn() -> I::Policy>) -> I::Policy {
    settings.map_or_else(I::default_policy, |settings| in_force::<I>(name, settings()))
}

fn in_force<I: Instance>(name: &str, settings: I::Policy) -> I::Policy {
    match I::validate(&settings) {
        Ok(()) => settings,
        Err(error) => {
            let repaired = I::repaired(settings);
            report::warn(format_args!("{error}; {} `{name}` makes do with: {repaired}", I::KIND));
            repaired
        }
    }
}

/// The settings of a name.
fn declared<I: Instance>(name: &'static str) -> Option<fn() -> I::Policy> {
    deciding(I::KIND, name)?.site::<I>()?.settings
}

/// Whose settings are those of a name: the first site, in the order of the source, that gives any.
fn deciding(kind: PolicyKind, name: &'static str) -> Option<&'static Declaration> {
    sites_of(kind, name).find(|site| site.name == SiteName::Named(name) && site.gives_settings)
}

/// The sites of a name, in the order of the source. They are sorted once: a program with thousands of them looks each
/// of their names up.
fn sites_of(kind: PolicyKind, name: &str) -> impl Iterator<Item = &'static Declaration> {
    static BY_NAME: StaticOnceLock<HashMap<&'static str, Vec<Declaration>>> = StaticOnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for site in site::pick(Declaration::of) {
            by_name.entry(site.name.as_str()).or_default().push(site);
        }
        by_name
    });
    by_name.get(name).map_or(&[][..], Vec::as_slice).iter().filter(move |site| site.kind == kind)
}

/// Runs with the program's registry, or with the one that the test kit put in its place.
pub(crate) fn with_registry<T>(run: impl FnOnce(&Registry) -> T) -> T {
    #[cfg(feature = "testing")]
    if let Some(registry) = crate::testing::registry() {
        return run(&registry);
    }
    run(global())
}

fn look_up<I: Instance>(name: &str) -> Option<I> {
    let made = with_registry(|registry| registry.get((name, TypeId::of::<I>(), 0)));
    // A site with keys has no instance that stands for all of them.
    made.or_else(|| {
        let site = sites_of(I::KIND, name).find(|site| !site.is_keyed);
        site.and_then(Declaration::site).map(InstanceSite::handle)
    })
    .or_else(|| I::of_pipeline(&*pipeline::entry(name)?))
}

/// The circuit breaker of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A breaker without `name = …` is found by its function, as `module::function`.
///
/// ```
/// use resilience_runtime::get_circuit_breaker;
///
/// assert!(get_circuit_breaker("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_circuit_breaker(name: &str) -> Option<CircuitBreaker> {
    look_up(name)
}

/// The bulkhead of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A bulkhead without `name = …` is found by its function, as `module::function`.
///
/// ```
/// use resilience_runtime::get_bulkhead;
///
/// assert!(get_bulkhead("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_bulkhead(name: &str) -> Option<Bulkhead> {
    look_up(name)
}

/// The retry budget of this name, if a `#[retry(budget = …)]` in the program names it: from before the first call.
///
/// One that only a [`RetryPolicy`](crate::RetryPolicy) called by hand names is found from its first call on.
///
/// ```
/// use resilience_runtime::get_retry_budget;
///
/// assert!(get_retry_budget("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_retry_budget(name: &str) -> Option<RetryBudget> {
    look_up(name)
}

/// The retry budget of a name that stands in a policy of no attribute. What attributes say of the name comes first.
pub(crate) fn budget(name: &'static str, own: Option<RetryBudgetPolicy>) -> RetryBudget {
    with_registry(|registry| {
        let id = (name, TypeId::of::<RetryBudget>(), 0);
        registry.get_or_make(id, || match (declared::<RetryBudget>(name), own) {
            (None, Some(own)) => {
                RetryBudget::from_checked(Name::from_static(name), in_force::<RetryBudget>(name, own))
            }
            (settings, _) => make(name, settings),
        })
    })
}

/// The rate limiter of this name, if an attribute in the program declares it: from before the first
/// call. Or the one that a [`Pipeline`](crate::Pipeline) of this name has made, for as long as that exists.
///
/// A rate limiter without `name = …` is found by its function, as `module::function`.
///
/// ```
/// use resilience_runtime::get_rate_limiter;
///
/// assert!(get_rate_limiter("nobody declares this").is_none());
/// ```
#[inline]
pub fn get_rate_limiter(name: &str) -> Option<RateLimiter> {
    look_up(name)
}
