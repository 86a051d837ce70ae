//! What attributes declare: the instances of sites, and the settings of names.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{PoisonError, RwLock};

use super::names::problems;
use super::{Declaration, Registry, global, with_registry};
use crate::budget::{RetryBudget, RetryBudgetPolicy};
use crate::config::ConfigError;
#[cfg(feature = "keyed")]
use crate::key::{LIMIT_OVERFLOW, Overflow};
use crate::name::Name;
use crate::report;
use crate::site::{self, InstanceSite, PolicyKind, Site, SiteName};

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

    /// Takes other settings, which can work, and keeps its state. Returns false if it keeps its settings.
    fn reconfigured(&self, policy: Self::Policy) -> bool;

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

    /// Returns true if no call holds it, and a new one that is made after this pattern would behave the same.
    #[cfg(feature = "keyed")]
    fn has_nothing_to_remember(&self, pattern: &Self) -> bool;

    /// Returns true while it remembers failures, which keep a key in its table.
    #[cfg(feature = "keyed")]
    #[inline]
    fn has_failures(&self) -> bool {
        false
    }

    /// Returns true if it remembers nothing but failures that count no more once it has been unused for long: no call
    /// holds it, and it isn't open.
    #[cfg(feature = "keyed")]
    fn is_over_its_failures(&self, _pattern: &Self) -> bool {
        false
    }

    /// What happens to new keys while the table is full, unless an attribute says it.
    #[cfg(feature = "keyed")]
    const OVERFLOW: Overflow = LIMIT_OVERFLOW;

    /// One that rejects all calls.
    #[cfg(feature = "keyed")]
    fn make_rejecting(name: Name) -> Self;
}

/// The instance of a site in the program's own registry.
pub(crate) fn resolve<I: Instance>(site: &'static InstanceSite<I>) -> I {
    match site.name {
        SiteName::Named(name) => {
            let instance = named(global(), name);
            if let Some(settings) =
                site.settings.filter(|_| global().is_first_declaration((name, TypeId::of::<I>())))
            {
                declared_late(name, &instance, settings);
            }
            instance
        }
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
        let settings = declared::<I>(name);
        if settings.is_none() {
            registry.remember_undeclared((name, TypeId::of::<I>()));
        }
        make(name, settings)
    })
}

/// Gives an instance that began with default settings the settings that a library declares, loaded since.
fn declared_late<I: Instance>(name: &str, instance: &I, settings: fn() -> I::Policy) {
    if !instance.reconfigured(in_force::<I>(name, settings())) {
        report::warn(format_args!(
            "{} `{name}` keeps its default settings: it was used before the library that declares others was loaded",
            I::KIND
        ));
    }
}

/// What is wrong with a name is told when it is first used.
pub(super) fn warn_of(kind: PolicyKind, name: &str) {
    for problem in problems(&sites_of(kind, name).copied().collect::<Vec<_>>()) {
        report::warn(problem);
    }
}

fn make<I: Instance>(name: &'static str, settings: Option<fn() -> I::Policy>) -> I {
    I::make(Name::from_static(name), settings_in_force::<I>(name, settings))
}

/// Settings that were computed may not work, and an attribute has nobody to tell but the log.
pub(super) fn settings_in_force<I: Instance>(name: &str, settings: Option<fn() -> I::Policy>) -> I::Policy {
    settings.map_or_else(I::default_policy, |settings| in_force::<I>(name, settings()))
}

pub(super) fn in_force<I: Instance>(name: &str, settings: I::Policy) -> I::Policy {
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
pub(super) fn declared<I: Instance>(name: &'static str) -> Option<fn() -> I::Policy> {
    deciding(I::KIND, name)?.site::<I>()?.settings
}

/// Whose settings are those of a name: the first site, in the order of the source, that gives any.
pub(super) fn deciding(kind: PolicyKind, name: &'static str) -> Option<&'static Declaration> {
    sites_of(kind, name).find(|site| site.name == SiteName::Named(name) && site.gives_settings)
}

/// The sites of a name, in the order of the source; sites of a library that was loaded later come last.
pub(super) fn sites_of(kind: PolicyKind, name: &str) -> impl Iterator<Item = &'static Declaration> {
    Index::current()
        .by_name
        .get(name)
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter(move |site| site.kind == kind)
}

/// The program's declarations by name: made once, since a program with thousands of sites looks each of their names up.
#[derive(Default)]
struct Index {
    /// The newest site in the linker's list, to see whether the list has grown since.
    newest: Option<&'static Site>,
    functions: HashSet<usize>,
    by_name: HashMap<&'static str, Vec<Declaration>>,
}

impl Index {
    /// The index of all sites that exist now. Loading a library adds sites to the linker's list.
    fn current() -> &'static Self {
        static CURRENT: RwLock<Option<&'static Index>> = RwLock::new(None);
        let newest = site::newest();
        let known = *CURRENT.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = known.filter(|index| index.is_up_to(newest)) {
            return index;
        }
        let mut current = CURRENT.write().unwrap_or_else(PoisonError::into_inner);
        match *current {
            Some(index) if index.is_up_to(newest) => index,
            before => {
                // Leaked: one for the program, and one for each library that it loads later.
                let index =
                    Box::leak(Box::new(before.unwrap_or(&Self::default()).grown(newest, &site::sites())));
                current.insert(index)
            }
        }
    }

    fn is_up_to(&self, newest: Option<&'static Site>) -> bool {
        self.newest.map(address) == newest.map(address)
    }

    /// This index and the sites that it lacks. They come after those that it has, whose instances may exist already:
    /// the site whose settings are in force stays the first.
    fn grown(&self, newest: Option<&'static Site>, sites: &[&'static Site]) -> Self {
        let (mut functions, mut by_name) = (self.functions.clone(), self.by_name.clone());
        for site in sites {
            if functions.insert(address(site)) {
                for declaration in site.policies().iter().filter_map(|policy| Declaration::of(site, policy)) {
                    by_name.entry(declaration.name.as_str()).or_default().push(declaration);
                }
            }
        }
        Self { newest, functions, by_name }
    }
}

fn address(site: &'static Site) -> usize {
    std::ptr::from_ref(site).addr()
}

/// The settings of the retry budget of a name.
pub(crate) fn budget_settings(name: &'static str) -> Option<RetryBudgetPolicy> {
    declared::<RetryBudget>(name).map(|settings| in_force::<RetryBudget>(name, settings()))
}

/// The path of the only function whose path ends in `name`, among those whose policies of this kind have no name.
pub(super) fn path_ending_in(kind: PolicyKind, name: &str) -> Option<&'static str> {
    let by_name = &Index::current().by_name;
    let mut paths = by_name.iter().filter(|(path, sites)| {
        let is_meant = |site: &Declaration| site.kind == kind && matches!(site.name, SiteName::Unnamed(_));
        site::ends_in(path, name) && sites.iter().any(is_meant)
    });
    let (path, _) = paths.next()?;
    paths.next().is_none().then_some(*path)
}

/// What stands for a name: what was found for it already, or its first site.
pub(super) fn look_up<I: Instance>(name: &str) -> Option<I> {
    let made = with_registry(|registry| registry.get((name, TypeId::of::<I>(), 0)));
    // A site with keys has no instance that stands for all of them.
    made.or_else(|| {
        let site = sites_of(I::KIND, name).find(|site| !site.is_keyed);
        site.and_then(Declaration::site).map(InstanceSite::handle)
    })
}
