//! What no call can reach, for what stands around it or doesn't.

use core::time::Duration;

use super::Checker;
use crate::kinds::Rejections;
use crate::plan;
use crate::policy::{CircuitBreaker, Hedge, Layer, Policy, RateLimit, Retry, Setter, Value};

/// A retry that waits longer than it is given.
pub(super) fn first_waits(checker: &mut Checker<'_>, layers: &[Layer], inside: &[Rejections]) {
    for (at, layer) in layers.iter().enumerate() {
        let Policy::Retry(retry @ Retry { least_wait: Some(least), .. }) = &layer.policy else { continue };
        // Who says how long to wait may say less.
        if plan::is_hinted(retry, inside[at]) {
            continue;
        }
        let limits = layers[..at].iter().filter_map(Layer::limit);
        if let Some(limit) = limits.min().filter(|limit| least >= limit) {
            checker.errors.at(
                layer.span,
                format!(
                    "no retry would ever have room: the first wait takes {least:?} or more, and the `#[timeout]` above ends \
                     all attempts after {limit:?}\nwrite a shorter `base_delay`, or a longer timeout"
                ),
            );
        }
    }
}

/// Further calls that are due when the call is over.
pub(super) fn hedges(checker: &mut Checker<'_>, layers: &[Layer]) {
    let Some(at) = layers.iter().position(Layer::is_hedge) else { return };
    let layer = &layers[at];
    let Policy::Hedge(Hedge { settings, .. }) = &layer.policy else { return };
    let Some(Value::Duration(after)) = settings.get("after") else { return };
    let too_short = |limit: &Duration| after >= limit;
    let above = layers[..at].iter().filter_map(Layer::limit).min().filter(too_short);
    let below = plan::each_call_ends(layers, at).and_then(|each| layers[each].limit()).filter(too_short);
    let place = if above.is_some() { "above" } else { "below" };
    if let Some(limit) = above.or(below) {
        checker.errors.at(
            layer.span,
            format!(
                "no further call would ever be made: it is due after {after:?}, and the `#[timeout]` {place} ends the call \
                 after {limit:?}\nwrite a shorter `after`, or a longer timeout"
            ),
        );
    }
}

/// Calls that end before they are slow.
pub(super) fn slow_calls(checker: &mut Checker<'_>, layers: &[Layer]) {
    for (at, layer) in layers.iter().enumerate() {
        let Policy::CircuitBreaker(CircuitBreaker { settings: Some(settings), .. }) = &layer.policy else {
            continue;
        };
        let is_slow_call = |setter: &&Setter| setter.name == "slow_call";
        let Some(Setter { value: Some(Value::Duration(slow)), .. }) =
            settings.setters.iter().find(is_slow_call)
        else {
            continue;
        };
        // Several attempts take longer than one, and a cooperative body as long as it likes.
        let inside = layers[at + 1..].iter().take_while(|layer| !layer.is_retry());
        let mut limits = inside.filter(|layer| !layer.is_cooperative()).filter_map(Layer::limit);
        if let Some(limit) = limits.next().filter(|limit| limit < slow) {
            checker.errors.at(
                layer.span,
                format!(
                    "no call could be slow: `slow_call` is {slow:?}, and the `#[timeout]` below ends each after {limit:?}\n\
                     write a `slow_call` below {limit:?}, or a longer timeout"
                ),
            );
        }
    }
}

/// Rejections that are waited for in vain.
pub(super) fn named_rejections(checker: &mut Checker<'_>, layers: &[Layer], inside: &[Rejections]) {
    for (layer, inside) in layers.iter().zip(inside) {
        let filter = match &layer.policy {
            Policy::Retry(retry) => &retry.filter,
            Policy::CircuitBreaker(breaker) => &breaker.filter,
            Policy::Fallback(fallback) => &fallback.filter,
            Policy::Hedge(hedge) => &hedge.filter,
            Policy::RateLimit(RateLimit { failures: Some(filter), .. }) => filter,
            Policy::RateLimit(_) | Policy::Timeout(_) | Policy::Bulkhead(_) | Policy::Resilient(_) => {
                continue;
            }
        };
        // What counts by default may be written out.
        let allowed =
            if inside.both(filter.rejected).is_empty() { *inside } else { inside.union(filter.defaults) };
        for (kind, span) in &filter.named {
            if !allowed.contains(*kind) {
                let (name, by) = (kind.name(), kind.by());
                checker.errors.at(
                    *span,
                    format!(
                        "nothing below `#[{}]` refuses a call with `{name}`: leave it out, or put `#[{by}(..)]` below\n\
                         what the body itself returns is an error like any other, for `on(..)` and `when = ..`",
                        layer.kind()
                    ),
                );
            }
        }
    }
}
