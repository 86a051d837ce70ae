//! What stands in the attributes: spans kept, no rule applied.
//!
//! `arguments` reads the tokens; the file of an attribute says which keys it has.

mod arguments;
pub(crate) mod bulkhead;
pub(crate) mod circuit_breaker;
pub(crate) mod fallback;
pub(crate) mod filter;
pub(crate) mod retry;
pub(crate) mod timeout;

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Expr, Meta};

pub(crate) use self::arguments::{Arguments, Positional, Stray, StrayKind};
use crate::stack::Kind;

/// A key of an attribute.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `key = value`
    Value,
    /// `key(…)`
    List,
}

pub(crate) const fn value(name: &'static str) -> Key {
    Key { name, form: Form::Value }
}

pub(crate) const fn list(name: &'static str) -> Key {
    Key { name, form: Form::List }
}

/// `key = value`.
#[derive(Clone)]
pub(crate) struct Valued {
    pub(crate) key: Span,
    pub(crate) value: Expr,
}

/// `key(tokens)`.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) key: Span,
    pub(crate) tokens: TokenStream,
}

impl FromMeta for Valued {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        match meta {
            Meta::NameValue(pair) => Ok(Self { key: pair.path.span(), value: pair.value.clone() }),
            other => Err(darling::Error::unsupported_format("list").with_span(other)),
        }
    }
}

impl FromMeta for Listed {
    fn from_meta(meta: &Meta) -> darling::Result<Self> {
        match meta {
            Meta::List(list) => Ok(Self { key: list.path.span(), tokens: list.tokens.clone() }),
            other => Err(darling::Error::unsupported_format("value").with_span(other)),
        }
    }
}

/// The typed arguments of one attribute.
#[allow(clippy::large_enum_variant)] // there are a handful of them, for as long as one expansion takes
pub(crate) enum Typed {
    Retry(retry::Raw),
    CircuitBreaker(circuit_breaker::Raw),
    Timeout(timeout::Raw),
    Bulkhead(bulkhead::Raw),
    Fallback(fallback::Raw),
    RateLimit,
}

impl Typed {
    /// `crate = path`
    pub(crate) fn root(&self) -> Option<&Valued> {
        match self {
            Self::Retry(raw) => raw.root.as_ref(),
            Self::CircuitBreaker(raw) => raw.root.as_ref(),
            Self::Timeout(raw) => raw.root.as_ref(),
            Self::Bulkhead(raw) => raw.root.as_ref(),
            Self::Fallback(raw) => raw.root.as_ref(),
            Self::RateLimit => None,
        }
    }
}

/// The arguments of one attribute.
pub(crate) struct Raw {
    /// `None` if there are syntax errors, among the strays then.
    pub(crate) typed: Option<Typed>,
    pub(crate) strays: Vec<Stray>,
}

impl Raw {
    pub(crate) fn parse(kind: Kind, tokens: TokenStream) -> Self {
        Self::broken(kind, Arguments::parse(kind, tokens))
    }

    /// From arguments that may hold errors.
    pub(crate) fn broken(kind: Kind, arguments: Arguments) -> Self {
        let Arguments { positional, metas, mut strays } = arguments;
        let is_readable = !strays.iter().any(|stray| matches!(stray.kind, StrayKind::Syntax(_)));
        let items: Vec<_> = metas.into_iter().map(NestedMeta::Meta).collect();
        let typed = match kind {
            Kind::Retry => retry::Raw::from_list(&items).map(Typed::Retry),
            Kind::CircuitBreaker => circuit_breaker::Raw::from_list(&items).map(Typed::CircuitBreaker),
            Kind::Timeout => timeout::Raw::read(&items, positional).map(Typed::Timeout),
            Kind::Bulkhead => bulkhead::Raw::from_list(&items).map(Typed::Bulkhead),
            Kind::Fallback => fallback::Raw::read(&items, positional).map(Typed::Fallback),
            Kind::RateLimit => Ok(Typed::RateLimit),
        };
        let typed = match typed {
            Ok(typed) => is_readable.then_some(typed),
            Err(error) => {
                strays.push(Stray::syntax(syn::Error::from(error)));
                None
            }
        };
        Self { typed, strays }
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
        Kind::RateLimit => (&[], &[]),
    };
    own.iter().chain(filter).collect()
}

/// Whether an attribute takes arguments without a key.
pub(crate) fn takes_positional(kind: Kind) -> bool {
    matches!(kind, Kind::Timeout | Kind::Fallback)
}
