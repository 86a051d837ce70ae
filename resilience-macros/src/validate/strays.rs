//! Arguments that can't be what was meant: what to write instead.

use syn::{Expr, Lit, LitStr, Path};

use super::filter::as_when;
use super::values::{bare, literal};
use super::{Checker, duration};
use crate::args::{Form, Stray, StrayKind, names, takes_positional};
use crate::diagnostics::{did_you_mean, listed};
use crate::spelling::source_of;
use crate::stack::Kind;

impl Checker<'_> {
    pub(super) fn stray(&mut self, kind: Kind, stray: &Stray) {
        let attribute = kind.name();
        let known = names(kind);
        let value = stray.value.as_ref();
        let message = match &stray.kind {
            StrayKind::Syntax(error) => {
                self.errors.push(error.clone());
                return;
            }
            StrayKind::Unknown(name) if is_attribute(name) => format!(
                "`{name}` is an attribute of its own: write `#[{name}(..)]` above or below `#[{attribute}]`, the upper \
                 one is around the lower one"
            ),
            StrayKind::Unknown(name) => {
                let near = match did_you_mean(name, &known) {
                    near if near.is_empty() => without_key(kind, name, value),
                    near => near,
                };
                format!(
                    "`#[{attribute}]` has no parameter `{name}`{near}\nits parameters are {}",
                    listed(&known)
                )
            }
            StrayKind::Repeated(name) => {
                format!("`{name}` is given twice: keep one")
            }
            StrayKind::Form(name, Form::Value) => {
                let value = value.map_or_else(|| "…".to_owned(), source_of);
                format!("`{name}` takes a value: write `{name} = {value}`")
            }
            StrayKind::Form(name, Form::List) => as_list(name, value),
            StrayKind::Form(name, Form::Word) => format!("`{name}` takes no value: write `{name}` alone"),
            StrayKind::Form(name, Form::Any) => {
                format!("`{name}` takes a value or a list: write `{name} = …` or `{name}(…)`")
            }
            StrayKind::Bare => {
                if let Some(meant) = value.and_then(|value| misspelt_key(kind, value)) {
                    format!("a key is a word, with underscores and without quotes: write `{meant}`")
                } else {
                    let example = value.and_then(|value| with_key(kind, value));
                    let example = example.unwrap_or_else(|| "key = value".to_owned());
                    format!(
                        "every argument of `#[{attribute}]` has a key: write `{example}`\nits parameters are {}",
                        listed(&known)
                    )
                }
            }
            StrayKind::Assigned => {
                let keyed = value.and_then(|value| with_key(kind, value));
                let arguments = keyed.or_else(|| value.filter(|_| takes_positional(kind)).map(source_of));
                let arguments = arguments.unwrap_or_else(|| "…".to_owned());
                format!("arguments stand in parentheses: write `#[{attribute}({arguments})]`")
            }
        };
        self.errors.at(stray.span, message);
    }
}

/// Whether this is the name of an attribute, where it is none of a parameter.
pub(super) fn is_attribute(name: &str) -> bool {
    Kind::named(name).is_some()
}

/// What a text would be without its quotes, if that is a path.
pub(super) fn unquoted(text: &LitStr) -> Option<String> {
    let text = text.value();
    syn::parse_str::<Path>(&text).is_ok().then_some(text)
}

/// A value that is meant for a key which isn't there.
fn with_key(kind: Kind, value: &Expr) -> Option<String> {
    let key = match bare(value) {
        Expr::Path(_) => "policy",
        Expr::Closure(_) => "when",
        Expr::Lit(literal) => match (kind, &literal.lit) {
            (Kind::RateLimit, Lit::Str(text)) if text.value().contains('/') => return rate_and_per(text),
            (Kind::Retry, Lit::Int(_)) => "max_attempts",
            (Kind::CircuitBreaker, Lit::Int(_)) => "failure_threshold",
            (Kind::CircuitBreaker, Lit::Float(_)) => "failure_rate",
            (Kind::Bulkhead, Lit::Int(_)) => "max_concurrent",
            (Kind::RateLimit, Lit::Int(_)) => "rate",
            (Kind::Hedge, Lit::Str(_)) => "after",
            (Kind::Retry, Lit::Str(_)) => "base_delay",
            (_, Lit::Str(text)) if duration::corrected(&text.value()).is_some() => match kind {
                Kind::CircuitBreaker => "reset_timeout",
                Kind::Bulkhead => "max_wait",
                Kind::RateLimit => "per",
                _ => "timeout",
            },
            (_, Lit::Str(_)) => "name",
            _ => return None,
        },
        _ => return None,
    };
    names(kind).contains(&key).then(|| format!("{key} = {}", source_of(value)))
}

/// What `max-attempts = 3` and `"max_attempts" = 3` are meant for.
fn misspelt_key(kind: Kind, value: &Expr) -> Option<String> {
    let Expr::Assign(assignment) = value else { return None };
    let written = match literal(&assignment.left) {
        Some(Lit::Str(text)) => text.value(),
        _ => source_of(&assignment.left),
    };
    let written: String = written.replace('-', "_").split_whitespace().collect();
    names(kind).contains(&&*written).then(|| format!("{written} = {}", source_of(&assignment.right)))
}

/// "100/s" in the two parameters that it takes.
pub(super) fn rate_and_per(text: &LitStr) -> Option<String> {
    let text = text.value();
    let (calls, unit) = text.split_once('/')?;
    let calls: u32 = calls.trim().parse().ok()?;
    let per = duration::corrected(&format!("1{unit}"))?;
    Some(format!("rate = {calls}, per = \"{per}\""))
}

/// What stands behind or for a key that there is none for.
fn without_key(kind: Kind, name: &str, value: Option<&Expr>) -> String {
    let text = value.map(source_of);
    match (kind, value.map(bare), text) {
        (Kind::Fallback, Some(Expr::Path(_) | Expr::Closure(_)), Some(handler)) => {
            format!(": a handler has no key, write `#[fallback({handler})]`")
        }
        (Kind::Resilient, Some(Expr::Path(_)), Some(pipeline)) => {
            format!(": the pipeline has no key, write `#[resilient({pipeline})]`")
        }
        (Kind::Timeout, Some(Expr::Lit(_)), Some(number)) => {
            let limit = duration::corrected(&format!("{number}{name}"));
            limit.map(|limit| format!(": write `#[timeout(\"{limit}\")]`")).unwrap_or_default()
        }
        (_, None, _) if is_constant(name) && names(kind).contains(&"policy") => {
            format!(": write `policy = {name}` for the constant")
        }
        _ => String::new(),
    }
}

fn is_constant(name: &str) -> bool {
    name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
}

/// `key = value`, where it is `key(…)`.
fn as_list(name: &str, value: Option<&Expr>) -> String {
    let is_pattern = matches!(name, "on" | "except");
    match value.map(bare) {
        Some(predicate @ Expr::Closure(_)) if is_pattern => {
            format!(
                "`{name}` takes a pattern: write `{name}(MyError::Busy)`, or `when = {}` for a predicate",
                as_when(name, predicate)
            )
        }
        Some(Expr::Lit(_)) | None if is_pattern => {
            format!("`{name}` takes a pattern: write `{name}(MyError::Busy)`")
        }
        Some(value) => format!("`{name}` takes a list: write `{name}({})`", items(value)),
        None => format!("`{name}` takes a list: write `{name}(…)`"),
    }
}

fn items(value: &Expr) -> String {
    let several = match bare(value) {
        Expr::Array(array) => &array.elems,
        Expr::Tuple(tuple) => &tuple.elems,
        Expr::Reference(reference) => return items(&reference.expr),
        single => {
            let unquoted = match literal(single) {
                Some(Lit::Str(text)) => unquoted(text),
                _ => None,
            };
            return unquoted.unwrap_or_else(|| source_of(single));
        }
    };
    several.iter().map(items).collect::<Vec<_>>().join(", ")
}
