//! The rules of `#[resilient]`.

use proc_macro2::Span;
use syn::Expr;

use super::Checker;
use super::strays::is_attribute;
use super::values::{bare, literal};
use crate::args::{Positional, resilient};
use crate::policy::Resilient;
use crate::stack::{Entry, Kind};
use crate::target::named;

/// A pipeline has its policies in it, in an order of its own.
pub(super) fn check_alone(checker: &mut Checker<'_>, stack: &[Entry]) {
    if !stack.iter().any(|entry| entry.kind == Kind::Resilient) {
        return;
    }
    for entry in stack.iter().filter(|entry| entry.kind != Kind::Resilient) {
        let name = entry.kind.name();
        let message = if entry.kind == Kind::Hedge {
            "`#[resilient]` takes its policies from the pipeline, and a pipeline has no hedge: write all of them as attributes"
                .to_owned()
        } else {
            format!(
                "`#[resilient]` takes its policies from the pipeline: add `{name}` where the pipeline is built, or write \
                 all of them as attributes"
            )
        };
        checker.errors.at(entry.span, message);
    }
}

impl Checker<'_> {
    pub(super) fn resilient(
        &mut self,
        raw: &resilient::Raw,
        positional: &[Positional],
        attribute: Span,
    ) -> Option<Resilient> {
        let before = self.errors.count();
        let policies: Vec<_> =
            positional.iter().filter_map(|given| Some((given, policy_of(given.value())?))).collect();
        for (given, name) in &policies {
            self.errors.on(
                given.value(),
                format!(
                    "`#[resilient]` takes a pipeline, which has its policies already: write `#[{name}(..)]` as an \
                     attribute of its own, or add `{name}` where the pipeline is built"
                ),
            );
        }
        if let ([_, second, ..], true) = (positional, policies.is_empty()) {
            self.errors
                .on(second.value(), "a second pipeline: a function goes through one, keep one of them");
        }
        let is_option = named(&self.target.output).is_some_and(|last| last.ident == "Option");
        if is_option || self.target.is_plain() {
            self.errors.at(
                attribute,
                format!(
                    "a pipeline answers with a `Result`, and `{}` returns none: return the `Result<T, E>` of its \
                     `Pipeline<T, E>`",
                    self.target.name
                ),
            );
        }
        let clones = self.clones(raw.clone.as_ref());
        let Some(Positional::Bare(pipeline)) = positional.first() else {
            if self.is_whole {
                self.errors.at(
                    attribute,
                    "`#[resilient]` needs a pipeline: write `#[resilient(QUOTES)]`, with \
                     `static QUOTES: LazyLock<Pipeline<T, E>>`",
                );
            }
            return None;
        };
        if literal(pipeline).is_some() {
            self.errors.on(
                pipeline,
                "a pipeline is named by its path: write `#[resilient(QUOTES)]`, with \
                 `static QUOTES: LazyLock<Pipeline<T, E>>`",
            );
        }
        let resilient = Resilient { pipeline: pipeline.clone(), clones };
        (self.errors.count() == before).then_some(resilient)
    }
}

/// The attribute that this would be, `retry(max_attempts = 3)`.
fn policy_of(given: &Expr) -> Option<String> {
    let Expr::Call(call) = bare(given) else { return None };
    let Expr::Path(path) = bare(&call.func) else { return None };
    path.path.get_ident().map(ToString::to_string).filter(|name| is_attribute(name))
}
