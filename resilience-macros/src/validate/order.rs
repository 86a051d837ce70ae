//! What the attributes of a stack mean for each other.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, Pat};

use super::{Checker, hedge, reach};
use crate::args::Typed;
use crate::kinds::{Rejection, Rejections};
use crate::plan;
use crate::policy::{Bulkhead, Layer, Mode, Policy, RateLimit, Settings, Timeout, When};
use crate::stack::{Entry, Kind};
use crate::target;

/// By kind alone.
pub(super) fn check_entries(checker: &mut Checker<'_>, stack: &[Entry]) {
    let mut seen: Vec<Kind> = Vec::new();
    for (at, entry) in stack.iter().enumerate() {
        let name = entry.kind.name();
        let times = seen.iter().filter(|kind| **kind == entry.kind).count();
        if entry.kind == Kind::Timeout && times == 1 {
            if at > 0 && stack[at - 1].kind == Kind::Timeout {
                checker.errors.at(
                    entry.span,
                    "of two timeouts with nothing between them the shorter one is enough: keep it, or put the retry \
                     between an overall timeout and one for each attempt",
                );
            }
        } else if entry.kind == Kind::Timeout && times == 2 {
            checker.errors.at(
                entry.span,
                "a third `#[timeout]`: there is one for all attempts together and one for each, keep two",
            );
        } else if times == 1 {
            checker.errors.at(entry.span, format!("`#[{name}]` stands on this function already: keep one"));
        }
        seen.push(entry.kind);
    }
    hedge::check_order(checker, stack);
    // A handler that answers for everything leaves nothing to the policies above it.
    for (at, entry) in stack.iter().enumerate() {
        let Some(Typed::Fallback(raw)) = &entry.raw.typed else { continue };
        let filter = &raw.filter;
        let is_catch_all = filter.on.is_none()
            && filter.except.is_none()
            && filter.when.is_none()
            && filter.rejected.is_none();
        let sees_failures =
            |above: &&Entry| matches!(above.kind, Kind::Retry | Kind::Hedge | Kind::CircuitBreaker);
        let above = stack[..at].iter().rev().find(sees_failures);
        if let (true, Some(above)) = (is_catch_all, above) {
            let above = above.kind.name();
            checker.errors.at(
                entry.span,
                format!(
                    "this answers every failure, so the `#[{above}]` above it would never see one: move the fallback \
                     above it, or let it answer some only, with `on(..)`"
                ),
            );
        }
    }
}

/// By what the layers do, of those that are in order by themselves.
pub(super) fn check_layers(checker: &mut Checker<'_>, layers: &[Layer]) {
    detached_arguments(checker, layers);
    detached_clones(checker, layers);
    instrumented(checker, layers);
    mutably_borrowed_results(checker, layers);
    timeouts(checker, layers);
    covered(checker, layers);
    mapped_timeouts(checker, layers);
    hedge::check_arguments(checker, layers);
    reach::hedges(checker, layers);
    reach::slow_calls(checker, layers);
}

/// By what can come out of the layers, which only a complete stack tells.
pub(super) fn check_rejections(checker: &mut Checker<'_>, layers: &[Layer]) {
    let inside = plan::rejections(layers);
    something_to_do(checker, layers, &inside);
    reach::first_waits(checker, layers, &inside);
    reach::named_rejections(checker, layers, &inside);
    room_for_rejections(checker, layers, &inside);
}

/// A detached body outlives the call.
fn detached_arguments(checker: &mut Checker<'_>, layers: &[Layer]) {
    if !layers.iter().any(Layer::is_detached) {
        return;
    }
    let why = "`#[timeout]` abandons a body that isn't async on a thread of its own, where it may outlive what it borrows: \
               take it owned, or write `mode = \"cooperative\"` in `#[timeout]` to wait for the body";
    for argument in &checker.target.function.signature.inputs {
        let borrow = match argument {
            FnArg::Receiver(receiver) => match &receiver.kind {
                syn::ReceiverKind::Reference(..) => Some(receiver.span()),
                syn::ReceiverKind::Typed(_, ty) => target::borrow(ty),
                _ => None,
            },
            FnArg::Typed(argument) => target::borrow(&argument.ty),
        };
        if let Some(span) = borrow {
            checker.errors.at(span, why);
        }
    }
}

/// Each attempt of a detached body takes its arguments to another thread.
fn detached_clones(checker: &mut Checker<'_>, layers: &[Layer]) {
    let retry = layers.iter().position(Layer::is_retry);
    if !retry.is_some_and(|at| layers[at + 1..].iter().any(Layer::is_detached)) {
        return;
    }
    let detached = layers.iter().position(Layer::is_detached).unwrap_or_default();
    let mut asked = TokenStream::new();
    for layer in &layers[detached..] {
        layer.key().to_tokens(&mut asked);
        layer.cost().to_tokens(&mut asked);
    }
    let asked = plan::mentioned(asked, checker.target);
    let cloned = plan::clones(layers);
    for argument in &checker.target.function.signature.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let Pat::Ident(pattern) = &*argument.pat else { continue };
        let name = &pattern.ident;
        let is_used = plan::identifiers(checker.target.body.clone()).contains(name) || asked.contains(name);
        if is_used && target::is_certainly_moved(&argument.ty) && !cloned.contains(&name) {
            checker.errors.at(
                name.span(),
                format!(
                    "every attempt takes `{name}` along to a thread of its own: name it in `#[retry(clone({name}))]`, \
                     or write `mode = \"cooperative\"` in `#[timeout]` to run the body where it is"
                ),
            );
        }
    }
}

/// `#[tracing::instrument]` above a retry has moved the arguments into a future of its own, which no second attempt
/// gets back.
fn instrumented(checker: &mut Checker<'_>, layers: &[Layer]) {
    let target = checker.target;
    let Some(retry) = layers.iter().find(|layer| layer.comes_again()) else { return };
    let words = plan::identifiers(target.body.clone());
    if !target.is_async() || !words.iter().any(|word| word.to_string().starts_with("__tracing_attr")) {
        return;
    }
    let cloned = plan::clones(layers);
    let moved = target.function.signature.inputs.iter().find_map(|argument| match argument {
        FnArg::Receiver(_) => target.borrows_self_mutably().then(|| "self".to_owned()),
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern)
                if target::is_certainly_moved(&argument.ty)
                    && words.contains(&pattern.ident)
                    && !cloned.contains(&&pattern.ident) =>
            {
                Some(pattern.ident.to_string())
            }
            _ => None,
        },
    });
    if let Some(name) = moved {
        checker.errors.at(
            retry.span,
            format!(
                "`#[tracing::instrument]` above moves `{name}` into the first attempt, and leaves none for the next: \
                 put it below the attributes of this library"
            ),
        );
    }
}

/// The first attempt's borrow would have to end before the second, and the result keeps it.
fn mutably_borrowed_results(checker: &mut Checker<'_>, layers: &[Layer]) {
    let target = checker.target;
    // A hedge takes no `&mut` at all.
    let again = layers.iter().find(|layer| {
        !layer.is_hedge() && (layer.comes_again() || !plan::needed_after(layer, target).is_empty())
    });
    if let (Some(layer), Some((span, source))) = (again, target.mutable_borrow_in_output()) {
        checker.errors.at(
            span,
            format!(
                "the result borrows from {source}, which `#[{}]` needs once more after an attempt: return an owned \
                 value, or annotate a function that this one calls",
                layer.kind()
            ),
        );
    }
}

fn timeouts(checker: &mut Checker<'_>, layers: &[Layer]) {
    let limits: Vec<_> = layers.iter().filter_map(|layer| Some((layer, layer.limit()?))).collect();
    if let [(_, total), (attempt, each)] = limits.as_slice()
        && each > total
    {
        checker.errors.at(
                attempt.span,
                format!(
                    "one attempt may take {each:?} here, and all of them together {total:?} by the `#[timeout]` above: \
                     this one could never be reached"
                ),
            );
    }
}

/// `covers_retries` is worked out by the compiler, who must know all that counts.
fn covered(checker: &mut Checker<'_>, layers: &[Layer]) {
    for (at, layer) in layers.iter().enumerate() {
        let Policy::Timeout(Timeout { covers_retries: Some(key), .. }) = layer.policy else { continue };
        let inside = &layers[at + 1..];
        let Some(retry) = inside.iter().position(Layer::is_retry) else {
            checker.errors.at(
                key,
                "there is nothing to cover: write `#[retry(..)]` below this timeout, or leave `covers_retries` out",
            );
            continue;
        };
        let ends =
            |layer: &Layer| matches!(&layer.policy, Policy::Timeout(each) if each.mode != Mode::Cooperative);
        let Some(each) = inside[retry..].iter().position(ends).map(|each| retry + each) else {
            checker.errors.at(
                key,
                "nothing ends an attempt, so that no time covers all of them: write a `#[timeout(\"1s\")]` for each \
                 attempt below the retry",
            );
            continue;
        };
        let refused = plan::rejections(inside)[retry];
        for layer in std::iter::once(layer).chain(&inside[..=each]) {
            let unknown = match &layer.policy {
                Policy::Timeout(timeout) => {
                    timeout.duration.as_ref().is_some_and(|limit| limit.when() == When::Call)
                }
                Policy::Retry(retry) => retry.settings.is_of_each_call(),
                Policy::Hedge(hedge) => hedge.settings.is_of_each_call(),
                Policy::Bulkhead(Bulkhead { settings, .. })
                | Policy::RateLimit(RateLimit { settings, .. }) => {
                    settings.as_ref().is_none_or(Settings::is_of_each_call)
                }
                _ => false,
            };
            if unknown {
                checker.errors.at(
                    key,
                    format!(
                        "`covers_retries` is worked out by the compiler, and the settings of this `#[{}]` aren't known to \
                         it: write literals or constants",
                        layer.kind()
                    ),
                );
            }
            if let Policy::Retry(retry) = &layer.policy
                && retry.filter.rejected.both(refused).contains(Rejection::CircuitOpen)
            {
                checker.errors.at(
                    key,
                    "this retry waits for as long as a circuit is open, which no time covers: leave `circuit_open` out of \
                     its `rejected(..)`",
                );
            }
        }
    }
}

fn something_to_do(checker: &mut Checker<'_>, layers: &[Layer], inside: &[Rejections]) {
    if !checker.target.is_plain() {
        return;
    }
    for (layer, inside) in layers.iter().zip(inside) {
        if let Some(does) = plan::needs_failures(layer, *inside) {
            checker.errors.at(
                layer.span,
                format!(
                    "there is nothing to {does}: `{}` returns no `Result` and no `Option`, and nothing below refuses a \
                     call\nreturn one, or say with `when_ok = |value| …` which value is a failure",
                    checker.target.name
                ),
            );
        }
    }
}

fn room_for_rejections(checker: &mut Checker<'_>, layers: &[Layer], inside: &[Rejections]) {
    let Some(first) = layers.first() else { return };
    let out = plan::out_of(first, inside[0]);
    if out.is_empty() || !checker.target.is_plain() {
        return;
    }
    for layer in layers {
        if plan::adds(layer).both(out).is_empty() {
            continue;
        }
        checker.errors.at(
            layer.span,
            format!(
                "this can refuse a call, and what `{}` returns has no room for that: return a `Result` or an \
                 `Option`, or put a `#[fallback]` on top",
                checker.target.name
            ),
        );
    }
}

/// A rejection is told from another by its kind.
fn mapped_timeouts(checker: &mut Checker<'_>, layers: &[Layer]) {
    let mapped: Vec<_> =
        layers.iter().filter(|layer| layer.is_timeout()).filter_map(Layer::map_err).collect();
    if let [_, second] = mapped.as_slice() {
        checker.errors.on(
            second,
            "one `map_err` turns the rejections of both timeouts into errors: keep one, `limit` tells them apart",
        );
    }
}
