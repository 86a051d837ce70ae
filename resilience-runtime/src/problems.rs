//! What a look at the whole program finds wrong with it.

use std::error::Error;
use std::fmt;
use std::ops::Deref;

/// Everything that is wrong with something that was looked at as a whole. There is one problem at least.
///
/// It is a list of them, and an error whose message has a line for each.
///
/// ```
/// match resilience::verify() {
///     Ok(()) => println!("no two attributes disagree about a name"),
///     Err(problems) => println!("{} to look at, the first of them: {}", problems.len(), problems[0]),
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems<P>(Vec<P>);

impl<P> Problems<P> {
    /// Fails with the problems, if there are any.
    pub(crate) fn none(problems: Vec<P>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }
}

impl<P> Deref for Problems<P> {
    type Target = [P];

    fn deref(&self) -> &[P] {
        &self.0
    }
}

impl<P> IntoIterator for Problems<P> {
    type Item = P;
    type IntoIter = std::vec::IntoIter<P>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, P> IntoIterator for &'a Problems<P> {
    type Item = &'a P;
    type IntoIter = std::slice::Iter<'a, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<P: fmt::Display> fmt::Display for Problems<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl<P: fmt::Debug + fmt::Display> Error for Problems<P> {}
