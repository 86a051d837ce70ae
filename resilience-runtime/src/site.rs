//! What the attributes leave in the program: a static for each policy, one for each function, and a list of all
//! functions that the linker puts together.

use std::fmt;
#[cfg(feature = "keyed")]
use std::sync::Arc;
use std::time::Duration;

use crate::bulkhead::BulkheadSite;
use crate::circuit_breaker::BreakerSite;
use crate::fallback::{self, FallbackSite};
use crate::figures;
use crate::hedge::HedgeSite;
use crate::key::{Key, Overflow};
#[cfg(feature = "keyed")]
use crate::keyed::{AnyKeyed, KeySettings, Keyed};
pub use crate::kind::PolicyKind;
use crate::pipeline::PipelineSite;
use crate::rate_limit::RateLimitSite;
use crate::registry::{self, Instance};
use crate::retry::RetrySite;
use crate::sync::StaticOnceLock;
use crate::timeout::TimeoutSite;

/// What a policy of a site is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiteName {
    /// By `name = …`: all sites of that name share one instance.
    Named(&'static str),
    /// By its function: the instance is the site's own.
    Unnamed(&'static str),
}

impl SiteName {
    /// The name in errors, metrics and look-ups.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Named(name) | Self::Unnamed(name) => name,
        }
    }
}

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Location {
    /// From `file!()`, `line!()` and `column!()`.
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self { file, line, column }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One attribute whose policy is an instance with a state: a circuit breaker, a bulkhead or a rate limiter.
#[derive(Debug)]
pub struct InstanceSite<I: Instance> {
    pub(crate) name: SiteName,
    /// `None`: the attribute gives only the name, and takes the settings that another site declares for it.
    pub(crate) settings: Option<fn() -> I::Policy>,
    instance: StaticOnceLock<I>,
    #[cfg(feature = "keyed")]
    pub(crate) keys: Option<KeySettings>,
    #[cfg(feature = "keyed")]
    instances: StaticOnceLock<Arc<dyn AnyKeyed<I>>>,
}

/// The instance of one key.
#[derive(Debug)]
pub struct OfKey<I>(pub(crate) I);

/// How a call at a site reaches its instance. The test kit may put another one in the place of the site's own.
#[cfg(not(feature = "testing"))]
pub(crate) type AtSite<I> = &'static I;
#[cfg(feature = "testing")]
pub(crate) type AtSite<I> = I;

impl<I: Instance> InstanceSite<I> {
    /// Of its function's name.
    pub const fn unnamed(function: &'static str, settings: fn() -> I::Policy) -> Self {
        Self::new(SiteName::Unnamed(function), Some(settings))
    }

    /// With `name = …`.
    pub const fn named(name: &'static str, settings: fn() -> I::Policy) -> Self {
        Self::new(SiteName::Named(name), Some(settings))
    }

    /// With nothing but `name = …`: what another site declares for the name.
    pub const fn sharing(name: &'static str) -> Self {
        Self::new(SiteName::Named(name), None)
    }

    /// The name in errors, metrics and look-ups.
    pub(crate) const fn name(&self) -> &'static str {
        self.name.as_str()
    }

    const fn new(name: SiteName, settings: Option<fn() -> I::Policy>) -> Self {
        Self {
            name,
            settings,
            instance: StaticOnceLock::new(),
            #[cfg(feature = "keyed")]
            keys: None,
            #[cfg(feature = "keyed")]
            instances: StaticOnceLock::new(),
        }
    }

    /// One instance for each key; what is `None` here, another site of the name may say. Without the feature the expansion
    /// doesn't compile, by itself.
    #[cfg_attr(not(feature = "keyed"), allow(unused_mut, unused_variables))]
    #[must_use]
    pub const fn keyed(mut self, max_keys: Option<usize>, idle: Option<Duration>) -> Self {
        #[cfg(feature = "keyed")]
        {
            self.keys = Some(KeySettings { max_keys, idle, overflow: None });
        }
        self
    }

    /// What happens to the calls of keys that there is no room for.
    #[cfg_attr(not(feature = "keyed"), allow(unused_mut, unused_variables))]
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        #[cfg(feature = "keyed")]
        if let Some(keys) = &mut self.keys {
            keys.overflow = Some(overflow);
        }
        self
    }

    #[allow(clippy::unused_self)] // without the feature no site has keys
    pub(crate) const fn is_keyed(&self) -> bool {
        #[cfg(feature = "keyed")]
        return self.keys.is_some();
        #[cfg(not(feature = "keyed"))]
        false
    }

    /// The instance of a key, which a call goes through as it does through that of a site.
    pub fn for_key<Q: ?Sized + Key>(&'static self, key: &Q) -> OfKey<I> {
        OfKey(self.instance_for(key))
    }

    #[cfg(feature = "keyed")]
    fn instance_for<Q: ?Sized + Key>(&'static self, key: &Q) -> I {
        #[cfg(feature = "testing")]
        let isolated = crate::testing::registry().map(|_| registry::keyed::<I, Q::Owned>(self));
        #[cfg(not(feature = "testing"))]
        let isolated: Option<Arc<dyn AnyKeyed<I>>> = None;
        let own = || self.instances.get_or_init(|| registry::keyed::<I, Q::Owned>(self));
        let instances = isolated.as_ref().unwrap_or_else(own);
        if let Some(instances) = instances.as_any().downcast_ref::<Keyed<Q::Owned, I>>() {
            return instances.get_or_make(key);
        }
        // The first call came with a key of another type: in a generic function, that is.
        let instances = registry::keyed::<I, Q::Owned>(self);
        let instances = instances.as_any().downcast_ref::<Keyed<Q::Owned, I>>();
        instances.map_or_else(|| self.handle(), |instances| instances.get_or_make(key))
    }

    /// The one instance that there is.
    #[cfg(not(feature = "keyed"))]
    fn instance_for<Q: ?Sized + Key>(&'static self, _key: &Q) -> I {
        self.handle()
    }

    /// The instance that the first call has found. None is known with the test kit, which may put another one in its place
    /// at any time.
    #[cfg_attr(feature = "testing", allow(clippy::unused_self))]
    #[inline]
    pub(crate) fn known(&'static self) -> Option<AtSite<I>> {
        #[cfg(feature = "testing")]
        return None;
        #[cfg(not(feature = "testing"))]
        self.instance.get()
    }

    #[cfg(not(feature = "testing"))]
    #[inline]
    pub(crate) fn instance(&'static self) -> AtSite<I> {
        loop {
            if let Some(instance) = self.instance.get() {
                return instance;
            }
            self.resolve();
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn instance(&'static self) -> AtSite<I> {
        registry::isolated(self).unwrap_or_else(|| self.resolve().clone())
    }

    /// The program's own instance.
    #[cold]
    #[inline(never)]
    fn resolve(&'static self) -> &'static I {
        self.instance.get_or_init(|| registry::resolve(self))
    }

    /// The program's own instance, if it was made already.
    #[cfg(feature = "health")]
    pub(crate) fn made(&'static self) -> Option<I> {
        self.instance.get().cloned()
    }

    pub(crate) fn handle(&'static self) -> I {
        self.instance().clone()
    }

    /// The settings in force; for a site with keys those that a key begins with.
    pub(crate) fn policy(&'static self) -> I::Policy {
        #[cfg(feature = "keyed")]
        if self.is_keyed() {
            return registry::family(self).policy();
        }
        self.handle().policy()
    }

    /// The same in words.
    fn in_words(&'static self) -> String {
        #[cfg(feature = "keyed")]
        if self.is_keyed() {
            let family = registry::family(self);
            let (policy, most, overflow) = (family.policy(), family.max_keys(), family.overflow());
            return format!("one for each key, {policy}; beyond {most} keys: {overflow}");
        }
        self.policy().to_string()
    }
}

/// One policy of a function.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SitePolicy {
    /// `#[retry]`
    #[doc(hidden)]
    Retry(&'static RetrySite),
    /// `#[circuit_breaker]`
    #[doc(hidden)]
    CircuitBreaker(&'static BreakerSite),
    /// `#[timeout]`
    #[doc(hidden)]
    Timeout(&'static TimeoutSite),
    /// `#[bulkhead]`
    #[doc(hidden)]
    Bulkhead(&'static BulkheadSite),
    /// `#[fallback]`
    #[doc(hidden)]
    Fallback(FallbackSite),
    /// `#[rate_limit]`
    #[doc(hidden)]
    RateLimit(&'static RateLimitSite),
    /// `#[resilient]`
    #[doc(hidden)]
    Pipeline(&'static PipelineSite),
    /// `#[hedge]`
    #[doc(hidden)]
    Hedge(&'static HedgeSite),
}

impl SitePolicy {
    /// Which attribute it is.
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Retry(_) => PolicyKind::Retry,
            Self::CircuitBreaker(_) => PolicyKind::CircuitBreaker,
            Self::Timeout(_) => PolicyKind::Timeout,
            Self::Bulkhead(_) => PolicyKind::Bulkhead,
            Self::Fallback(_) => PolicyKind::Fallback,
            Self::RateLimit(_) => PolicyKind::RateLimit,
            Self::Pipeline(_) => PolicyKind::Pipeline,
            Self::Hedge(_) => PolicyKind::Hedge,
        }
    }

    /// Its name; the function's, where it has none of its own.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Retry(site) => site.function(),
            Self::CircuitBreaker(site) => site.name(),
            Self::Timeout(site) => site.name(),
            Self::Bulkhead(site) => site.name(),
            Self::Fallback(site) => site.function(),
            Self::RateLimit(site) => site.name(),
            Self::Pipeline(site) => site.function(),
            Self::Hedge(site) => site.function(),
        }
    }

    /// The settings in force, in words.
    pub fn settings(&self) -> String {
        match self {
            Self::Retry(site) => site.to_string(),
            Self::CircuitBreaker(site) => site.in_words(),
            Self::Timeout(site) => site.to_string(),
            Self::Bulkhead(site) => site.in_words(),
            Self::Fallback(site) => site.to_string(),
            Self::RateLimit(site) => site.in_words(),
            Self::Pipeline(site) => site.to_string(),
            Self::Hedge(site) => site.to_string(),
        }
    }
}

/// An annotated function.
#[derive(Debug)]
pub struct Site {
    function: &'static str,
    location: Location,
    policies: &'static dyn Policies,
}

/// The policies of a function. That threads may share a trait object is known at once: of a slice the compiler would find
/// it out anew for each annotated function, down to the last field of every policy's state.
#[doc(hidden)]
pub trait Policies: fmt::Debug + Sync {
    fn all(&self) -> &[SitePolicy];
}

impl<const N: usize> Policies for [SitePolicy; N] {
    fn all(&self) -> &[SitePolicy] {
        self
    }
}

impl Site {
    #[doc(hidden)]
    pub const fn new(
        function: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
        policies: &'static dyn Policies,
    ) -> Self {
        Self { function, location: Location::new(file, line, column), policies }
    }

    /// The function, as `module::function`.
    pub const fn function(&self) -> &'static str {
        self.function
    }

    /// The source file, as the compiler was given it.
    pub const fn file(&self) -> &'static str {
        self.location.file
    }

    /// The line that the name of the function stands on.
    pub const fn line(&self) -> u32 {
        self.location.line
    }

    /// The policies, the outermost first.
    pub fn policies(&self) -> &'static [SitePolicy] {
        self.policies.all()
    }

    pub(crate) const fn location(&self) -> Location {
        self.location
    }

    /// A handler is about to answer in the function's place.
    #[cold]
    #[inline(never)]
    #[doc(hidden)]
    pub fn falls_back(&'static self, handler: &'static str) {
        fallback::asked(figures::Key::site(self), self.function, handler);
    }

    /// A handler has answered in the function's place, or failed.
    #[cold]
    #[inline(never)]
    #[doc(hidden)]
    pub fn fell_back(&'static self, is_answer: bool, is_last: bool) {
        fallback::answered(figures::Key::site(self), self.function, is_answer, is_last);
    }
}

inventory::collect!(&'static Site);

/// The function that the linker's list got last. Another one than before if a library was loaded meanwhile.
pub(crate) fn newest() -> Option<&'static Site> {
    inventory::iter::<&Site>.into_iter().next().copied()
}

/// All annotated functions of the program, in the order of the source.
pub(crate) fn sites() -> Vec<&'static Site> {
    let mut sites: Vec<_> = inventory::iter::<&Site>.into_iter().copied().collect();
    // What one macro writes is all in one place.
    sites.sort_by_key(|site| (site.location(), site.function()));
    sites
}

/// Returns true for a path that ends in `end`, at a whole segment.
pub(crate) fn ends_in(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|front| front.ends_with("::"))
}

/// The parts of the policies that a look-up by `name` means: those with this name, or else those without a name whose
/// function's path ends in it, if that is one path.
pub(crate) fn named<T>(name: &str, part: impl Fn(&'static SitePolicy) -> Option<T>) -> Vec<T> {
    let exact = pick(|_, policy| if policy.name() == name { part(policy) } else { None });
    if !exact.is_empty() {
        return exact;
    }
    let ending = pick(|site, policy| {
        let path = site.function();
        let is_meant = policy.name() == path && ends_in(path, name);
        Some((path, part(policy).filter(|_| is_meant)?))
    });
    let is_one_path = ending.windows(2).all(|pair| pair[0].0 == pair[1].0);
    if is_one_path { ending.into_iter().map(|(_, part)| part).collect() } else { Vec::new() }
}

/// What is picked out of all their policies, in the order of the source.
pub(crate) fn pick<T>(pick: impl Fn(&'static Site, &'static SitePolicy) -> Option<T>) -> Vec<T> {
    let mut picked = Vec::new();
    for site in sites() {
        for policy in site.policies() {
            if let Some(part) = pick(site, policy) {
                picked.push(part);
            }
        }
    }
    picked
}

#[cfg(all(test, loom))]
mod loom_tests;
