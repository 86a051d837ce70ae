//! Which functions and pipelines a test means.

use std::collections::BTreeSet;

use crate::pipeline;
use crate::site::{Site, ends_in, sites};

/// How many functions a message lists.
const LISTED: usize = 20;

/// Where bodies run: in an annotated function, or in a pipeline.
#[derive(Clone, Copy, Debug)]
pub enum Spot {
    /// The function with this site.
    Function(&'static Site),
    /// Every pipeline of this name.
    Pipeline(&'static str),
}

impl Spot {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Function(site) => site.function(),
            Self::Pipeline(name) => name,
        }
    }
}

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Function(site), Self::Function(other)) => std::ptr::eq(*site, *other),
            (Self::Pipeline(name), Self::Pipeline(other)) => name == other,
            _ => false,
        }
    }
}

/// What a test names: a function by its path or the end of it, by the name of one of its policies, or as a [`Site`]; a
/// pipeline by its name, while it exists.
pub trait SiteOrName: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn spots(self) -> Vec<Spot>;

    #[doc(hidden)]
    fn label(self) -> String;
}

impl SiteOrName for &'static Site {
    fn spots(self) -> Vec<Spot> {
        vec![Spot::Function(self)]
    }

    fn label(self) -> String {
        format!("`{}`", self.function())
    }
}

impl SiteOrName for &str {
    #[track_caller]
    fn spots(self) -> Vec<Spot> {
        named(self)
    }

    fn label(self) -> String {
        format!("`{self}`")
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &'static crate::site::Site {}
    impl Sealed for &str {}
}

#[track_caller]
fn named(name: &str) -> Vec<Spot> {
    let all = sites();
    let has_name =
        |site: &&Site| site.function() == name || site.policies().iter().any(|policy| policy.name() == name);
    let functions = all.iter().copied().filter(has_name).map(Spot::Function);
    let pipeline = pipeline::entry(name).map(|pipeline| Spot::Pipeline(pipeline.info().name));
    let exact: Vec<_> = functions.chain(pipeline).collect();
    if !exact.is_empty() {
        return exact;
    }
    let ending: Vec<_> = all.iter().copied().filter(|site| ends_in(site.function(), name)).collect();
    let functions: BTreeSet<_> = ending.iter().map(|site| site.function()).collect();
    match functions.len() {
        0 => panic!(
            "no annotated function is called `{name}`, nor any of their policies, nor a pipeline that exists, which one in a \
             `LazyLock` does from its first use on; {}",
            listed(&all)
        ),
        1 => ending.into_iter().map(Spot::Function).collect(),
        _ => {
            let functions: Vec<_> = functions.into_iter().collect();
            panic!("`{name}` may be any of {}: write more of the path", functions.join(", "));
        }
    }
}

fn listed(all: &[&'static Site]) -> String {
    let functions: BTreeSet<_> = all.iter().map(|site| site.function()).collect();
    if functions.len() > LISTED {
        return "`catalog()` lists them".to_owned();
    }
    let functions: Vec<_> = functions.into_iter().collect();
    format!("there are: {}", functions.join(", "))
}
