//! Which functions a test means.

use std::collections::BTreeSet;

use crate::site::{Site, sites};

/// How many functions a message lists.
const LISTED: usize = 20;

/// A function that a test names: by its path or the end of it, by the name of one of its policies, or as a [`Site`].
pub trait SiteOrName: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn sites(self) -> Vec<&'static Site>;

    #[doc(hidden)]
    fn label(self) -> String;
}

impl SiteOrName for &'static Site {
    fn sites(self) -> Vec<&'static Site> {
        vec![self]
    }

    fn label(self) -> String {
        format!("`{}`", self.function())
    }
}

impl SiteOrName for &str {
    #[track_caller]
    fn sites(self) -> Vec<&'static Site> {
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
fn named(name: &str) -> Vec<&'static Site> {
    let all = sites();
    let has_name =
        |site: &&Site| site.function() == name || site.policies().iter().any(|policy| policy.name() == name);
    let exact: Vec<_> = all.iter().copied().filter(has_name).collect();
    if !exact.is_empty() {
        return exact;
    }
    let ends = |site: &&Site| site.function().strip_suffix(name).is_some_and(|front| front.ends_with("::"));
    let ending: Vec<_> = all.iter().copied().filter(ends).collect();
    let functions: BTreeSet<_> = ending.iter().map(|site| site.function()).collect();
    match functions.len() {
        0 => panic!("no annotated function is called `{name}`, nor any of their policies; {}", listed(&all)),
        1 => ending,
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
