//! What stands in the attributes: spans kept, no rule applied.
//!
//! `arguments` reads the tokens; the file of an attribute says which parameters it has.

mod arguments;
pub(crate) mod bulkhead;
pub(crate) mod circuit_breaker;
pub(crate) mod fallback;
pub(crate) mod filter;
pub(crate) mod health_check;
pub(crate) mod hedge;
mod parameters;
pub(crate) mod rate_limit;
pub(crate) mod resilient;
pub(crate) mod retry;
pub(crate) mod timeout;

use proc_macro2::{Ident, TokenStream};
use syn::{Meta, MetaList};

pub(crate) use self::arguments::{Arguments, Positional, Stray, StrayKind, ends_open};
use self::parameters::parameters;
pub(crate) use self::parameters::{Flag, Form, Given, Key, Listed, Valued};
use crate::stack::Kind;

/// The typed arguments of one attribute.
#[allow(clippy::large_enum_variant)] // there are a handful of them, for as long as one expansion takes
pub(crate) enum Typed {
    Retry(retry::Raw),
    CircuitBreaker(circuit_breaker::Raw),
    Timeout(timeout::Raw),
    Bulkhead(bulkhead::Raw),
    Fallback(fallback::Raw),
    RateLimit(rate_limit::Raw),
    HealthCheck(health_check::Raw),
    Resilient(resilient::Raw),
    Hedge(hedge::Raw),
}

/// The arguments of one attribute.
pub(crate) struct Raw {
    /// `None` if there are syntax errors, among the strays then.
    pub(crate) typed: Option<Typed>,
    /// Those without a key, where an attribute takes them.
    pub(crate) positional: Vec<Positional>,
    /// `crate = path`
    pub(crate) root: Option<Valued>,
    pub(crate) strays: Vec<Stray>,
    /// As written.
    pub(crate) keys: Vec<Ident>,
    /// Those of the form `key(…)`.
    pub(crate) lists: Vec<MetaList>,
    /// Whether another argument may follow at once.
    pub(crate) is_open: bool,
}

impl Raw {
    pub(crate) fn parse(kind: Kind, tokens: TokenStream) -> Self {
        Self::of(kind, Arguments::parse(kind, tokens))
    }

    /// From arguments that may hold errors.
    pub(crate) fn of(kind: Kind, arguments: Arguments) -> Self {
        let Arguments { positional, metas, mut keys, root, strays, is_open } = arguments;
        let is_readable = !strays.iter().any(|stray| matches!(stray.kind, StrayKind::Syntax(_)));
        let typed = is_readable.then(|| match kind {
            Kind::Retry => Typed::Retry(retry::Raw::of(&metas)),
            Kind::CircuitBreaker => Typed::CircuitBreaker(circuit_breaker::Raw::of(&metas)),
            Kind::Timeout => Typed::Timeout(timeout::Raw::of(&metas)),
            Kind::Bulkhead => Typed::Bulkhead(bulkhead::Raw::of(&metas)),
            Kind::Fallback => Typed::Fallback(fallback::Raw::of(&metas)),
            Kind::RateLimit => Typed::RateLimit(rate_limit::Raw::of(&metas)),
            Kind::HealthCheck => Typed::HealthCheck(health_check::Raw::of(&metas)),
            Kind::Resilient => Typed::Resilient(resilient::Raw::of(&metas)),
            Kind::Hedge => Typed::Hedge(hedge::Raw::of(&metas)),
        });
        let mut lists = Vec::new();
        for meta in metas {
            keys.extend(meta.path().get_ident().cloned());
            if let Meta::List(list) = meta {
                lists.push(list);
            }
        }
        Self { typed, positional, root, strays, keys, lists, is_open }
    }
}

/// The keys of an attribute, `crate` aside.
pub(crate) fn keys(kind: Kind) -> Vec<&'static Key> {
    let (own, filter): (&[Key], &[Key]) = match kind {
        Kind::Retry => (retry::KEYS, filter::KEYS),
        Kind::CircuitBreaker => (circuit_breaker::KEYS, filter::KEYS),
        Kind::Timeout => (timeout::KEYS, &[]),
        Kind::Bulkhead => (bulkhead::KEYS, &[]),
        Kind::Fallback => (fallback::KEYS, filter::KEYS),
        Kind::RateLimit => (rate_limit::KEYS, filter::KEYS),
        Kind::HealthCheck => (health_check::KEYS, &[]),
        Kind::Resilient => (resilient::KEYS, &[]),
        Kind::Hedge => (hedge::KEYS, filter::KEYS),
    };
    let mut keys: Vec<_> = own.iter().collect();
    keys.extend(filter);
    keys
}

/// What they are called.
pub(crate) fn names(kind: Kind) -> Vec<&'static str> {
    keys(kind).iter().map(|key| key.name).collect()
}

/// Whether an attribute takes arguments without a key.
pub(crate) fn takes_positional(kind: Kind) -> bool {
    matches!(kind, Kind::Timeout | Kind::Fallback | Kind::Resilient)
}

/// Whether there can be no more than one of them.
pub(crate) fn takes_one_positional(kind: Kind) -> bool {
    takes_positional(kind) && kind != Kind::Fallback
}
