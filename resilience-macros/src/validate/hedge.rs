//! The rules of `#[hedge]`.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{FnArg, Pat};

use super::Checker;
use super::attributes::Setters;
use super::values::number;
use crate::args::hedge;
use crate::kinds::Rejections;
use crate::plan;
use crate::policy::{Hedge, Layer, Settings};
use crate::stack::{Entry, Kind};
use crate::target;

/// As the runtime has it.
const MOST: u64 = 10;

/// What stands above it must not count several calls as one, and what stands below not make each of them several.
pub(super) fn check_order(checker: &mut Checker<'_>, stack: &[Entry]) {
    let Some(at) = stack.iter().position(|entry| entry.kind == Kind::Hedge) else { return };
    let span = stack[at].span;
    for entry in &stack[..at] {
        let reason = match entry.kind {
            Kind::CircuitBreaker => {
                "would see one call where this makes several, and none of those that take long"
            }
            Kind::Bulkhead => "would give one slot to several calls",
            Kind::RateLimit => "would take several calls for one",
            _ => continue,
        };
        let name = entry.kind.name();
        checker.errors.at(
            span,
            format!("the `#[{name}]` above {reason}: put `#[hedge]` above `#[{name}]`, which each call goes through then"),
        );
    }
    if stack[at..].iter().any(|entry| entry.kind == Kind::Retry) {
        checker.errors.at(
            span,
            "the `#[retry]` below would try each of the calls again while the others still run: put `#[hedge]` below \
             `#[retry]`, which hedges every attempt",
        );
    }
}

/// Several calls at once share what they borrow.
pub(super) fn check_arguments(checker: &mut Checker<'_>, layers: &[Layer]) {
    let target = checker.target;
    if !target.is_async() || !layers.iter().any(Layer::is_hedge) {
        return;
    }
    let cloned = plan::clones(layers);
    if target.borrows_self_mutably()
        && let Some(receiver) = target.receiver
    {
        checker.errors.at(
            receiver.span(),
            "`#[hedge]` has several calls under way at once, and a `&mut self` is for one: take `&self`, and keep what \
             changes in a lock or an atomic",
        );
    }
    for argument in &target.function.signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let name = match &*argument.pat {
            Pat::Ident(pattern) => Some(&pattern.ident),
            _ => None,
        };
        if target::is_mut_ref(&argument.ty) {
            checker.errors.on(
                &argument.ty,
                "`#[hedge]` has several calls under way at once, and a `&mut` is for one: borrow it without `mut`, or take \
                 a value and name it in `clone(..)`",
            );
        } else if let Some(name) = name
            && target.binding(name).is_some_and(|binding| binding.is_mut)
            && !cloned.contains(&name)
        {
            checker.errors.at(
                name.span(),
                format!(
                    "several calls would change `{name}` at once: name it in `#[hedge(clone({name}))]` to give each its own, \
                     or take it without `mut`"
                ),
            );
        }
    }
}

impl Checker<'_> {
    pub(super) fn hedge(&mut self, raw: &hedge::Raw, attribute: Span) -> Option<Hedge> {
        let before = self.errors.count();
        if !self.target.is_async() {
            self.errors.on(
                self.target.function.signature.fn_token,
                "`#[hedge]` has several calls under way at once, which only an async function can: write `async fn`",
            );
        }
        let mut setters = Setters::default();
        self.set_duration(&mut setters, "after", raw.after.as_ref(), None);
        self.set_count(&mut setters, "max", raw.max.as_ref(), "leave `#[hedge]` out to have no further call");
        if let Some(given) = &raw.max
            && number(&given.value).is_some_and(|max| max > MOST)
        {
            self.errors.on(
                &given.value,
                format!("`max` is {MOST} at the most, and each further call is as much load as the first: write `max = 1`"),
            );
        }
        if let Some(given) = &raw.budget {
            setters.0.extend(self.budget(given));
        }
        let base = self.base(raw.policy.as_ref());
        if raw.after.is_none() && base.is_none() && raw.policy.is_none() && self.is_whole {
            self.errors.at(
                attribute,
                "`#[hedge]` needs to know what takes long: write `#[hedge(after = \"50ms\")]`, with the time that nineteen \
                 calls in twenty take at the most",
            );
        }
        let hedge = Hedge {
            settings: Settings { base, setters: setters.0 },
            clones: self.clones(raw.clone.as_ref()),
            filter: self.filter(&raw.filter, Rejections::ALL),
        };
        (self.errors.count() == before).then_some(hedge)
    }
}
