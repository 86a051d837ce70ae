//! The rules of `#[health_check]`, which stands by itself.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Expr, GenericParam, Lit, Safety};

use super::Checker;
use super::values::literal;
use crate::args::{Typed, Valued, health_check};
use crate::diagnostics::Diagnostics;
use crate::policy::HealthCheck;
use crate::stack::Entry;
use crate::target::Target;

pub(crate) fn health_check(entry: &Entry, target: &Target<'_>) -> Result<HealthCheck, Diagnostics> {
    let Entry { kind, span, raw, .. } = entry;
    let is_whole = raw.strays.is_empty();
    let mut checker = Checker { target, errors: Diagnostics::default(), is_whole };
    checker.callable_by_the_registry();
    for stray in &raw.strays {
        checker.stray(*kind, stray);
    }
    let root = raw.root.as_ref().and_then(|given| checker.root(given));
    let check = match &raw.typed {
        Some(Typed::HealthCheck(typed)) => checker.health_check(typed, raw.keys.clone(), root, *span),
        _ => None,
    };
    match check {
        Some(check) if checker.errors.is_empty() => Ok(check),
        _ => Err(checker.errors),
    }
}

impl Checker<'_> {
    /// The registry calls the function whenever it is asked, and has nothing to call it with.
    fn callable_by_the_registry(&mut self) {
        let signature = &self.target.function.signature;
        let errors = &mut self.errors;
        if let Safety::Unsafe(keyword) = &signature.safety {
            errors.on(
                keyword,
                "the registry can't promise what an `unsafe fn` asks of its caller: annotate a safe function that \
                 calls this one",
            );
        }
        if let Some(receiver) = signature.receiver() {
            errors.on(
                receiver,
                "the registry has no `self` to call a method on: annotate a function without arguments, or give \
                 `HealthRegistry::register` a closure that owns one",
            );
        } else if !signature.inputs.is_empty() {
            errors.on(
                &signature.inputs,
                "a health check is called without arguments: take what it needs from a static, or give \
                 `HealthRegistry::register` a closure that owns it",
            );
        }
        let chosen = signature.generics.params.iter().find_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        });
        if let Some(name) = chosen {
            errors.at(
                name.span(),
                format!("nobody chooses `{name}` for a health check: annotate a function that calls this one with a choice"),
            );
        }
        if self.target.function.body.is_none() {
            errors.at(
                signature.span(),
                "`#[health_check]` needs a body to run: put it on a function that stands by itself",
            );
        }
    }

    fn health_check(
        &mut self,
        raw: &health_check::Raw,
        keys: Vec<Ident>,
        root: Option<syn::Path>,
        attribute: Span,
    ) -> Option<HealthCheck> {
        let name = self.name(raw.name.as_ref());
        let critical = raw.critical.as_ref().and_then(|given| self.flag("critical", given));
        let Some(given) = &raw.timeout else {
            if self.is_whole {
                self.errors.at(
                    attribute,
                    "`#[health_check]` needs the time that the check may take: write `timeout = \"5s\"`",
                );
            }
            return None;
        };
        let timeout =
            self.duration("a health check's `timeout`", &given.value, Some("it would always be late"))?;
        Some(HealthCheck { name, timeout, critical, keys, root })
    }

    /// A `bool`.
    fn flag(&mut self, key: &str, given: &Valued) -> Option<Expr> {
        match literal(&given.value) {
            Some(Lit::Bool(_)) | None => Some(given.value.clone()),
            Some(other) => {
                self.errors.on(
                    other,
                    format!("`{key}` is `true` or `false`, without quotes: write `{key} = false`"),
                );
                None
            }
        }
    }
}
