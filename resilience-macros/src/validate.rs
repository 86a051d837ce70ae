//! The only phase that rejects. It runs every check before it answers.

mod attributes;
mod budget;
mod circuit_breaker;
mod duration;
mod filter;
mod function;
mod handlers;
mod health_check;
mod hedge;
mod keys;
mod order;
mod rate_limit;
mod reach;
mod resilient;
mod strays;
mod values;
mod waits;

use proc_macro2::Span;
use syn::Expr;

pub(crate) use self::budget::KEYS as BUDGET_KEYS;
pub(crate) use self::filter::cases;
pub(crate) use self::health_check::health_check;
use crate::args::{Positional, Typed, Valued};
use crate::diagnostics::Diagnostics;
use crate::policy::{Layer, Policy, Stack};
use crate::stack::{Entry, Kind};
use crate::target::{Other, Target};

/// An attribute on something that is no function.
pub(crate) fn not_a_function(kind: Kind, other: &Other) -> Diagnostics {
    let mut errors = Diagnostics::default();
    let Some(what) = other.what else {
        errors.push(other.error.clone());
        return errors;
    };
    let hint = match what {
        "an impl block" | "a trait" => ": put it on each method that needs it",
        "a module" => ": put it on each function that needs it",
        "a generator" => ", which gives many results: put it on the function that fetches one",
        "a macro call" => ": put it on the function inside of the macro",
        "an expression" => ": write it as a `fn`, which may stand inside of another",
        "an extern block" => ": put it on a function that calls what is declared here",
        _ => "",
    };
    errors.at(
        Span::call_site(),
        format!("`#[{}]` stands on a function, and this is {}{hint}", kind.name(), what),
    );
    errors
}

/// Checks the attributes, the function, and the one against the other.
pub(crate) fn validate(stack: Vec<Entry>, target: &Target<'_>) -> Result<Stack, Diagnostics> {
    let mut checker = Checker { target, errors: Diagnostics::default(), is_whole: true };
    function::check(&mut checker, &stack);
    let is_possible = checker.errors.is_empty();
    order::check_entries(&mut checker, &stack);
    resilient::check_alone(&mut checker, &stack);
    let mut layers = Vec::new();
    let mut root = None;
    let mut is_complete = true;
    for Entry { kind, span, path, raw } in stack {
        for stray in &raw.strays {
            checker.stray(kind, stray);
        }
        // What is missing may be what was misspelt.
        checker.is_whole = raw.strays.is_empty();
        let Some(typed) = &raw.typed else {
            is_complete = false;
            continue;
        };
        if let Some(given) = raw.root.as_ref().and_then(|given| checker.root(given)) {
            root.get_or_insert(given);
        }
        match checker.policy(typed, &raw.positional, span) {
            Some(mut policy) => {
                let keys = policy.locate(raw.keys);
                layers.push(Layer { span, path, policy, keys });
            }
            None => is_complete = false,
        }
    }
    order::check_layers(&mut checker, &layers);
    // Of a function that can't be annotated at all this would only say the same in other words.
    if is_complete && is_possible {
        order::check_rejections(&mut checker, &layers);
    }
    if checker.errors.is_empty() { Ok(Stack { layers, root }) } else { Err(checker.errors) }
}

struct Checker<'a> {
    target: &'a Target<'a>,
    errors: Diagnostics,
    /// Whether all arguments of the attribute at hand could be told apart.
    is_whole: bool,
}

impl Checker<'_> {
    fn policy(&mut self, typed: &Typed, positional: &[Positional], span: Span) -> Option<Policy> {
        match typed {
            Typed::Retry(raw) => self.retry(raw).map(Policy::Retry),
            Typed::CircuitBreaker(raw) => self.circuit_breaker(raw).map(Policy::CircuitBreaker),
            Typed::Timeout(raw) => self.timeout(raw, positional, span).map(Policy::Timeout),
            Typed::Bulkhead(raw) => self.bulkhead(raw, span).map(Policy::Bulkhead),
            Typed::Fallback(raw) => self.fallback(raw, positional, span).map(Policy::Fallback),
            Typed::RateLimit(raw) => self.rate_limit(raw, span).map(Policy::RateLimit),
            // Stands by itself, and in no stack.
            Typed::HealthCheck(_) => None,
            Typed::Resilient(raw) => self.resilient(raw, positional, span).map(Policy::Resilient),
            Typed::Hedge(raw) => self.hedge(raw, span).map(Policy::Hedge),
        }
    }

    fn root(&mut self, given: &Valued) -> Option<syn::Path> {
        match &given.value {
            Expr::Path(path) if path.qself.is_none() => {
                let is_rooted = path.path.leading_colon.is_some()
                    || path.path.segments.first().is_some_and(|first| first.ident == "crate");
                if is_rooted {
                    return Some(path.path.clone());
                }
                self.errors.on(
                    path,
                    "the path must not depend on where the function stands: begin it with `::` or with `crate`",
                );
            }
            other => self
                .errors
                .on(other, "`crate` takes the path of the library: write `crate = ::my_crate::resilience`"),
        }
        None
    }
}
