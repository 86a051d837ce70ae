//! What one layer must know of the others.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;

use crate::kinds::{Rejection, Rejections};
use crate::policy::{CircuitBreaker, Fallback, HandlerKind, Hedge, Layer, Policy, Retry, Stack};
use crate::target::Target;

pub(crate) struct Plan {
    pub(crate) stack: Stack,
    /// What can come out of the inside of each layer.
    pub(crate) inside: Vec<Rejections>,
    /// What comes out of the stack.
    pub(crate) out: Rejections,
    /// Whether the body can take its arguments along: it runs once, and nothing outside needs them after it.
    pub(crate) moves_arguments: bool,
    /// Names of which the body gets clones.
    pub(crate) cloned: Vec<Ident>,
}

pub(crate) fn plan(stack: Stack, target: &Target<'_>) -> Plan {
    let inside = rejections(&stack.layers);
    let out = stack.layers.first().map_or(Rejections::NONE, |first| out_of(first, inside[0]));
    let mut cloned: Vec<Ident> = Vec::new();
    for name in clones(&stack.layers) {
        if !cloned.contains(name) {
            cloned.push(name.clone());
        }
    }
    let moves_arguments =
        !stack.layers.iter().any(|layer| layer.comes_again() || !needed_after(layer, target).is_empty());
    Plan { stack, inside, out, moves_arguments, cloned }
}

/// The names that what is inside gets clones of.
pub(crate) fn clones(layers: &[Layer]) -> Vec<&Ident> {
    let mut names = Vec::new();
    for layer in layers {
        names.extend(layer.clones());
    }
    names
}

/// What can come out of the inside of each layer.
pub(crate) fn rejections(layers: &[Layer]) -> Vec<Rejections> {
    let mut sets = Vec::with_capacity(layers.len());
    let mut inside = Rejections::NONE;
    for layer in layers.iter().rev() {
        sets.push(inside);
        inside = out_of(layer, inside);
    }
    sets.reverse();
    sets
}

/// What a layer itself refuses calls with.
pub(crate) fn adds(layer: &Layer) -> Rejections {
    let kind = match &layer.policy {
        Policy::CircuitBreaker(breaker) if breaker.fallback.is_none() => Rejection::CircuitOpen,
        Policy::Timeout(timeout) if timeout.fallback.is_none() => Rejection::TimedOut,
        Policy::Bulkhead(_) => Rejection::BulkheadFull,
        Policy::RateLimit(_) => Rejection::RateLimited,
        _ => return Rejections::NONE,
    };
    Rejections::of(&[kind])
}

/// What can come out of a layer, by what can come out of its inside.
pub(crate) fn out_of(layer: &Layer, inside: Rejections) -> Rejections {
    match &layer.policy {
        Policy::Fallback(fallback) => inside.minus(fallback.filter.rejected),
        // Its own conversion has made an error of each.
        Policy::Resilient(_) => Rejections::NONE,
        _ => inside.union(adds(layer)),
    }
}

/// What a layer has nothing to do for unless the body's own result can be a failure, as a verb.
pub(crate) fn needs_failures(layer: &Layer, inside: Rejections) -> Option<&'static str> {
    let (filter, does) = match &layer.policy {
        Policy::Retry(retry) => (&retry.filter, "retry"),
        Policy::Fallback(fallback) => (&fallback.filter, "answer for"),
        _ => return None,
    };
    (filter.when_ok.is_none() && inside.both(filter.rejected).is_empty()).then_some(does)
}

/// Whether something may say how long the retry has to wait, by what can come out of its inside.
pub(crate) fn is_hinted(retry: &Retry, inside: Rejections) -> bool {
    retry.retry_after.is_some() || retry.filter.rejected.both(inside).contains(Rejection::RateLimited)
}

/// The timeout that ends each call of a hedge, if nothing else in there takes time.
pub(crate) fn each_call_ends(layers: &[Layer], hedge: usize) -> Option<usize> {
    let at = hedge + 1 + layers[hedge + 1..].iter().position(Layer::is_timeout)?;
    (!layers[hedge + 1..=at].iter().any(Layer::takes_time)).then_some(at)
}

/// The arguments that a layer uses once the body is done with them.
pub(crate) fn needed_after(layer: &Layer, target: &Target<'_>) -> Vec<Ident> {
    let mut names = Vec::new();
    for handler in layer.handlers() {
        names.extend(handler_needs(&handler.kind, target));
    }
    let filter = match &layer.policy {
        Policy::Retry(Retry { filter, .. })
        | Policy::Hedge(Hedge { filter, .. })
        | Policy::Fallback(Fallback { filter, .. }) => Some(filter),
        Policy::CircuitBreaker(breaker) => Some(&breaker.filter),
        Policy::RateLimit(rate_limit) => rate_limit.failures.as_ref(),
        _ => None,
    };
    let mut asked = TokenStream::new();
    if let Some(filter) = filter {
        for errors in filter.on.iter().chain(&filter.except) {
            errors.guard.to_tokens(&mut asked);
        }
        filter.when.to_tokens(&mut asked);
        filter.when_ok.to_tokens(&mut asked);
    }
    layer.map_err().to_tokens(&mut asked);
    if let Policy::CircuitBreaker(CircuitBreaker { retry_after, .. }) = &layer.policy {
        retry_after.to_tokens(&mut asked);
    }
    if let Policy::Fallback(Fallback { exhausted, .. }) = &layer.policy {
        exhausted.to_tokens(&mut asked);
    }
    names.extend(mentioned(asked, target));
    names
}

/// The arguments that a handler uses.
pub(crate) fn handler_needs(handler: &HandlerKind, target: &Target<'_>) -> Vec<Ident> {
    match handler {
        HandlerKind::Path { takes_self, .. } => {
            let mut names = Vec::new();
            if let Some(receiver) = target.receiver.filter(|_| *takes_self) {
                names.push(Ident::new("self", receiver.self_token.span));
            }
            names.extend(target.arguments.iter().filter_map(|argument| argument.name.clone()));
            names
        }
        HandlerKind::Closure { body, .. } => mentioned(body.to_token_stream(), target),
        HandlerKind::Value(value) => mentioned(value.to_token_stream(), target),
    }
}

/// The arguments that stand in tokens of the user's, in format strings too.
pub(crate) fn mentioned(tokens: TokenStream, target: &Target<'_>) -> Vec<Ident> {
    let mut names = Vec::new();
    find(tokens, &mut |token| match token {
        TokenTree::Ident(word) => {
            let is_argument = target.binding(word).is_some() || *word == "self" && target.receiver.is_some();
            if is_argument {
                names.push(word.clone());
            }
        }
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            for binding in
                target.bindings.iter().filter(|binding| text.contains(&format!("{{{}", binding.name)))
            {
                names.push(binding.name.clone());
            }
        }
        _ => {}
    });
    names
}

/// Every identifier in tokens of the user's.
pub(crate) fn identifiers(tokens: TokenStream) -> Vec<Ident> {
    let mut names = Vec::new();
    find(tokens, &mut |token| {
        if let TokenTree::Ident(word) = token {
            names.push(word.clone());
        }
    });
    names
}

/// Whether a body may leave early by a word of its own: a `return`, or a macro that may write one.
pub(crate) fn may_return(body: TokenStream) -> bool {
    let mut found = false;
    find(body, &mut |token| {
        found |= match token {
            TokenTree::Ident(word) => word == "return",
            TokenTree::Punct(mark) => mark.as_char() == '!',
            _ => false,
        }
    });
    found
}

fn find(tokens: TokenStream, visit: &mut dyn FnMut(&TokenTree)) {
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            find(group.stream(), visit);
        }
        visit(&token);
    }
}
