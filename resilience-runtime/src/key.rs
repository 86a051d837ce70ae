//! What attributes say about keys. It is there without the feature `keyed` too, so that the one error about the
//! missing feature isn't followed by others.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "keyed")]
pub use crate::keyed::Key;

/// How many keys are kept where no attribute of the name says otherwise. Enough for the hosts or tenants of a large
/// service, at a few hundred bytes each.
pub const MAX_KEYS: usize = 10_000;

/// After how long an unused key may go where no attribute of the name says otherwise. Longer than a dependency is
/// usually down, so that what was learned about it is still there when it is back.
pub const KEY_IDLE: Duration = Duration::from_secs(600);

/// The overflow of circuit breakers where no attribute of the name gives one. A breaker protects its callers and enforces
/// no limit: a new key does best with its own calls.
pub const CIRCUIT_BREAKER_OVERFLOW: Overflow = Overflow::Unprotected;

/// The overflow of bulkheads and rate limiters where no attribute of the name gives one. A flood of keys must not get
/// around a limit, and ordinary new keys are still served.
pub const LIMIT_OVERFLOW: Overflow = Overflow::Share;

/// Treatment of a new key's calls while the table of keys is full and no key can be evicted: all are in use or
/// have something to remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// All keys without room share one instance, `name[other keys]`.
    Share,
    /// The calls are rejected, with the policy's own kind of error.
    Reject,
    /// The calls go through without the policy.
    Unprotected,
}

impl Overflow {
    /// As attributes write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Reject => "reject",
            Self::Unprotected => "unprotected",
        }
    }
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a key can be is of no interest where none is looked up.
#[cfg(not(feature = "keyed"))]
pub trait Key {}

#[cfg(not(feature = "keyed"))]
impl<Q: ?Sized> Key for Q {}

/// Gives the key of an attribute, an expression of any type, in borrowed form: a reference as it is, and anything else
/// by reference.
#[derive(Debug)]
pub struct KeyOf<'a, T: ?Sized>(pub &'a T);

impl<'a, T: ?Sized> KeyOf<'_, &'a T> {
    /// What the reference points to.
    #[inline]
    pub fn key(self) -> &'a T {
        self.0
    }
}

/// For keys that aren't references.
pub trait KeyByValue<'a, T: ?Sized> {
    /// A reference to the key.
    fn key(self) -> &'a T;
}

impl<'a, T: ?Sized> KeyByValue<'a, T> for KeyOf<'a, T> {
    #[inline]
    fn key(self) -> &'a T {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_what_it_borrows() {
        let (by_reference, by_value, number) = ("a", "a".to_owned(), 7_u64);
        assert_eq!(KeyOf(&by_reference).key(), "a");
        assert_eq!(KeyOf(&by_value).key(), "a");
        assert_eq!(KeyOf(&number).key(), &7);
    }
}
