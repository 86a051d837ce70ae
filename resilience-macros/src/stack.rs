//! The attributes of one function, from the top.

use proc_macro2::{Ident, Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path};

use crate::args::{Arguments, Raw};

/// The attributes. All but `#[health_check]` know each other, as layers of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Retry,
    CircuitBreaker,
    Timeout,
    Bulkhead,
    Fallback,
    RateLimit,
    HealthCheck,
    /// A pipeline in the place of all of them.
    Resilient,
    Hedge,
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Retry,
        Self::CircuitBreaker,
        Self::Timeout,
        Self::Bulkhead,
        Self::Fallback,
        Self::RateLimit,
        Self::HealthCheck,
        Self::Resilient,
        Self::Hedge,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::CircuitBreaker => "circuit_breaker",
            Self::Timeout => "timeout",
            Self::Bulkhead => "bulkhead",
            Self::Fallback => "fallback",
            Self::RateLimit => "rate_limit",
            Self::HealthCheck => "health_check",
            Self::Resilient => "resilient",
            Self::Hedge => "hedge",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// An attribute is a sibling if it is written unqualified, or by the path of the library.
    fn of(path: &Path, root: Option<&Path>) -> Option<Self> {
        let words = words(path);
        let (name, qualifier) = words.split_last()?;
        let kind = Self::named(&name.to_string()).filter(|kind| *kind != Self::HealthCheck)?;
        // The root is absolute, and a qualifier may begin further in.
        let by_root = root.is_some_and(|root| self::words(root).ends_with(qualifier));
        let by_name = matches!(qualifier, [first] if *first == "resilience");
        (qualifier.is_empty() || by_name || by_root).then_some(kind)
    }
}

fn words(path: &Path) -> Vec<&Ident> {
    path.segments.iter().map(|segment| &segment.ident).collect()
}

/// One attribute, as written.
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// Of the attribute.
    pub(crate) span: Span,
    /// As written. The outermost attribute does not learn its own.
    pub(crate) path: Option<Path>,
    pub(crate) raw: Raw,
}

impl Entry {
    /// The one that the compiler calls.
    pub(crate) fn outermost(kind: Kind, arguments: TokenStream) -> Self {
        let span = Span::call_site();
        // The compiler refuses it, and hands over the value all the same.
        let raw = match syn::parse2::<Lit>(arguments.clone()) {
            Ok(lit) if span.source_text().is_some_and(|text| is_assignment(kind, &text)) => {
                Raw::of(kind, Arguments::assigned(&Expr::Lit(ExprLit { attrs: Vec::new(), lit })))
            }
            _ => Raw::parse(kind, arguments),
        };
        Self { kind, span, path: None, raw }
    }
}

/// Takes the attributes that follow the outermost one off the function, wherever they stand among its others.
pub(crate) fn collect(
    outermost: Kind,
    arguments: TokenStream,
    attributes: &mut Vec<Attribute>,
) -> Vec<Entry> {
    let outermost = Entry::outermost(outermost, arguments);
    let root = match outermost.raw.root.as_ref().map(|given| &given.value) {
        Some(Expr::Path(root)) => Some(root.path.clone()),
        _ => None,
    };
    let mut stack = vec![outermost];
    attributes.retain(|attribute| {
        let Some(kind) = Kind::of(attribute.path(), root.as_ref()) else { return true };
        let raw = match &attribute.meta {
            Meta::Path(_) => Raw::parse(kind, TokenStream::new()),
            Meta::List(list) => Raw::parse(kind, list.tokens.clone()),
            Meta::NameValue(value) => Raw::of(kind, Arguments::assigned(&value.value)),
        };
        stack.push(Entry { kind, span: attribute.meta.span(), path: Some(attribute.path().clone()), raw });
        false
    });
    stack
}

/// Whether this is the text of `#[retry = …]`.
fn is_assignment(kind: Kind, text: &str) -> bool {
    let (name, _) = text.split_once('=').unwrap_or_default();
    name.starts_with("#[") && name.trim_end().ends_with(kind.name())
}

/// The paths of the attributes that were taken off the function: their imports are used by that.
pub(crate) fn absorbed(stack: &[Entry]) -> Vec<Path> {
    stack.iter().filter_map(|entry| entry.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_told_by_its_text() {
        assert!(is_assignment(Kind::Timeout, "#[timeout = \"5s\"]"));
        assert!(is_assignment(Kind::Timeout, "#[resilience::timeout=\"5s\"]"));
        assert!(!is_assignment(Kind::Timeout, "#[timeout(\"5s\")]"));
        assert!(!is_assignment(Kind::Timeout, "#[timeout(\"a=b\")]"));
        assert!(!is_assignment(Kind::Timeout, "let timeout = \"5s\""));
    }
}
