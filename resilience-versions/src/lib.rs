//! Lists the versions of `resilience-runtime` that one program contains.
//!
//! Every version of the runtime [submits](submit) its own. All of them depend on this package, whose version stays
//! 1.0, so that they add to one list. `resilience::verify()` reports a list of more than one: names, retry budgets
//! and deadlines aren't shared between versions.

#[doc(hidden)]
pub use inventory;

/// A version of the runtime.
#[derive(Debug)]
pub struct Version(&'static str);

impl Version {
    /// From `env!("CARGO_PKG_VERSION")`.
    pub const fn new(version: &'static str) -> Self {
        Self(version)
    }
}

inventory::collect!(Version);

/// Adds the version of the calling package to the list.
///
/// ```
/// resilience_versions::submit!();
///
/// assert_eq!(resilience_versions::in_this_program(), [env!("CARGO_PKG_VERSION")]);
/// ```
#[macro_export]
macro_rules! submit {
    () => {
        $crate::inventory::submit! { $crate::Version::new(::core::env!("CARGO_PKG_VERSION")) }
    };
}

/// Returns each version once, sorted as text.
pub fn in_this_program() -> Vec<&'static str> {
    let mut versions: Vec<_> = inventory::iter::<Version>.into_iter().map(|version| version.0).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}
