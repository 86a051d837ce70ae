//! What is wrong with the names that attributes share.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::{Declaration, deciding};
use crate::problems::Problems;
use crate::site::{self, Location, PolicyKind, SiteName};

/// What is wrong with the names that attributes share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameProblem {
    /// Two attributes give one name different settings. The first of them in the order of the source decides, so that
    /// every run of the program behaves the same.
    #[non_exhaustive]
    Conflict {
        /// The kind of policy.
        kind: PolicyKind,
        /// The shared name.
        name: &'static str,
        /// The function whose attribute's settings are in force, as `file:line`.
        first: String,
        /// The function whose attribute's settings are passed over, as `file:line`.
        second: String,
    },
    /// No attribute gives the name any settings, and the kind of policy can't do without: a misspelt name, most likely.
    #[non_exhaustive]
    Undeclared {
        /// The kind of policy.
        kind: PolicyKind,
        /// The name.
        name: &'static str,
        /// The function, as `file:line`.
        at: String,
    },
    /// Two attributes of one name with `key = …` differ in how many keys they keep, or for how long. The first of them
    /// in the order of the source decides.
    #[non_exhaustive]
    KeyBounds {
        /// The kind of policy.
        kind: PolicyKind,
        /// The shared name.
        name: &'static str,
        /// `max_keys`, `idle` or `overflow`.
        setting: &'static str,
        /// The function whose attribute's bound is in force, as `file:line`.
        first: String,
        /// The function whose attribute's bound is passed over, as `file:line`.
        second: String,
    },
    /// Some attributes of one name have `key = …` and others don't. Those without share one instance, and those with
    /// share one for each key: the two sides have nothing in common but the name.
    #[non_exhaustive]
    PartlyKeyed {
        /// The kind of policy.
        kind: PolicyKind,
        /// The shared name.
        name: &'static str,
        /// The first function whose attribute has a key, as `file:line`.
        keyed: String,
        /// The first function whose attribute has none, as `file:line`.
        unkeyed: String,
    },
    /// Two functions of the same path have attributes without a name: methods of two types in one module, for instance.
    /// Each has an instance of its own, and a look-up by the path finds the first one only.
    #[non_exhaustive]
    Ambiguous {
        /// The kind of policy.
        kind: PolicyKind,
        /// The path of both functions, used as the name.
        name: &'static str,
        /// The function that a look-up finds, as `file:line`.
        first: String,
        /// The function that no look-up finds, as `file:line`.
        second: String,
    },
    /// The program contains several versions of the library. They share no names, budgets or deadlines.
    #[non_exhaustive]
    Versions {
        /// All versions in the program, sorted.
        versions: Vec<&'static str>,
    },
}

impl NameProblem {
    /// The name that the problem is about, or the library's name for [`NameProblem::Versions`].
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Conflict { name, .. }
            | Self::Undeclared { name, .. }
            | Self::KeyBounds { name, .. }
            | Self::PartlyKeyed { name, .. }
            | Self::Ambiguous { name, .. } => name,
            Self::Versions { .. } => "resilience",
        }
    }
}

impl fmt::Display for NameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A retry's budget and a hedge's, say.
            Self::Conflict { kind, name, first, second } if first == second => {
                write!(
                    f,
                    "{kind} `{name}` is given different settings by two attributes of the function at {first}"
                )
            }
            Self::Conflict { kind, name, first, second } => {
                write!(f, "{kind} `{name}` has the settings given at {first}; {second} gives others")
            }
            Self::Undeclared { kind, name, at } => {
                write!(f, "{kind} `{name}` at {at} has no settings, and no other attribute gives it any")
            }
            Self::KeyBounds { kind, name, setting, first, second } => {
                write!(f, "{kind} `{name}` has the `{setting}` given at {first}; {second} gives another")
            }
            Self::PartlyKeyed { kind, name, keyed, unkeyed } => {
                write!(f, "{kind} `{name}` has a key at {keyed} and none at {unkeyed}: the two share nothing")
            }
            Self::Ambiguous { kind, name, first, second } => {
                write!(
                    f,
                    "{kind} `{name}` stands for two functions, at {first} and at {second}, and look-ups find the \
                     first one only: give each a `name`"
                )
            }
            Self::Versions { versions } => {
                write!(
                    f,
                    "the program contains resilience in the versions {}, which share no names, budgets or \
                     deadlines: depend on one version (`cargo tree --invert resilience-runtime` shows the others)",
                    versions.join(" and ")
                )
            }
        }
    }
}

impl std::error::Error for NameProblem {}

resilience_versions::submit!();

/// What [`verify`] fails with.
pub type NameProblems = Problems<NameProblem>;

/// Checks the program's names. Call it in a test, or when the program starts, and again after loading a library.
///
/// All attributes of a name have to agree on its settings and its keys, and one of them has to give settings where they
/// are needed. Every instance has to be found by a look-up. The program may contain one version of the library.
///
/// # Errors
/// Every problem that there is.
///
/// ```
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     resilience::verify()?;
///     Ok(())
/// }
/// ```
pub fn verify() -> Result<(), NameProblems> {
    let sites = site::pick(Declaration::of);
    let mut problems = problems(&sites);
    problems.extend(ambiguous(&sites));
    let versions = resilience_versions::in_this_program();
    if versions.len() > 1 {
        problems.push(NameProblem::Versions { versions });
    }
    Problems::none(problems)
}

/// Sites without a name whose functions have the same path.
fn ambiguous(sites: &[Declaration]) -> Vec<NameProblem> {
    let mut found: HashMap<(PolicyKind, &'static str), Location> = HashMap::new();
    let mut problems = Vec::new();
    for site in sites {
        let SiteName::Unnamed(name) = site.name else { continue };
        match found.entry((site.kind, name)) {
            Entry::Vacant(vacant) => _ = vacant.insert(site.location),
            Entry::Occupied(first) => problems.push(NameProblem::Ambiguous {
                kind: site.kind,
                name,
                first: first.get().to_string(),
                second: site.location.to_string(),
            }),
        }
    }
    problems
}

/// What is wrong with the names of these sites.
pub(super) fn problems(sites: &[Declaration]) -> Vec<NameProblem> {
    let mut problems = Vec::new();
    for site in sites {
        let (kind, SiteName::Named(name)) = (site.kind, site.name) else { continue };
        match deciding(kind, name) {
            Some(first) if site.contradicts(first) => {
                let (first, second) = (first.location.to_string(), site.location.to_string());
                problems.push(NameProblem::Conflict { kind, name, first, second });
            }
            None if site.needs_settings => {
                problems.push(NameProblem::Undeclared { kind, name, at: site.location.to_string() });
            }
            _ => {}
        }
    }
    #[cfg(feature = "keyed")]
    problems.extend(super::keyed::problems(sites));
    problems
}
