//! What the layers together must be for, as constants that don't compile otherwise: how long all of it may take.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::Emitter;
use super::timeout::is_of_this_call;
use crate::hygiene::{self, code};
use crate::paths;
use crate::plan;
use crate::policy::{Hedge, Layer, Mode, Policy, Timeout, Value};

impl Emitter<'_> {
    pub(super) fn worst_case(&self) -> TokenStream {
        let timeouts: Vec<_> = self.layers().iter().enumerate().filter_map(known).collect();
        let covers =
            timeouts.iter().filter_map(|(at, _, timeout)| Some(self.covers(*at, timeout.covers_retries?)));
        let room = timeouts.iter().filter_map(|(at, ..)| self.room(*at));
        let nested = timeouts.windows(2).filter_map(|pair| self.nested(&pair[0], &pair[1]));
        let hedged = self.hedged(&timeouts);
        code!(#(#covers)* #(#room)* #(#nested)* #hedged)
    }

    /// `covers_retries`
    fn covers(&self, at: usize, key: Span) -> TokenStream {
        let span = Span::mixed_site().located_at(key);
        let (assert, site) = (self.paths.private_at("assert_covers", span), hygiene::site("timeout", at));
        let longest = self.longest(at + 1);
        quote_spanned!(span=> const _: () = #assert(#site.limit(), #longest);)
    }

    /// The first wait ends before the timeout does. A hint may make it shorter.
    fn room(&self, timeout: usize) -> Option<TokenStream> {
        let retry = |layer: &Layer| matches!(&layer.policy, Policy::Retry(retry) if !retry.settings.is_of_each_call());
        let at = timeout + 1 + self.layers()[timeout + 1..].iter().position(retry)?;
        let Policy::Retry(retry) = &self.layers()[at].policy else { return None };
        if plan::is_hinted(retry, self.plan.inside[at]) {
            return None;
        }
        let span = Span::mixed_site().located_at(self.layers()[at].span);
        let assert = self.paths.private_at("assert_room", span);
        let (timeout, retry) = (hygiene::site("timeout", timeout), hygiene::site("retry", at));
        Some(quote_spanned!(span=> const _: () = #assert(#timeout.limit(), #retry.policy());))
    }

    /// A further call is due before the call is over. Of literals this was checked before.
    fn hedged(&self, timeouts: &[(usize, &Layer, &Timeout)]) -> Option<TokenStream> {
        let layers = self.layers();
        let at = layers.iter().position(Layer::is_hedge)?;
        let Policy::Hedge(Hedge { settings, .. }) = &layers[at].policy else { return None };
        if settings.is_of_each_call() {
            return None;
        }
        let each = plan::each_call_ends(layers, at);
        let is_literal = settings.base.is_none() && matches!(settings.get("after"), Some(Value::Duration(_)));
        let beside = timeouts.iter().filter(|(timeout, layer, _)| {
            (*timeout < at || Some(*timeout) == each) && !(is_literal && layer.limit().is_some())
        });
        let span = Span::mixed_site().located_at(layers[at].span);
        let (assert, site) = (self.paths.private_at("assert_hedged", span), hygiene::site("hedge", at));
        let assertions = beside.map(|(timeout, ..)| {
            let timeout = hygiene::site("timeout", *timeout);
            quote_spanned!(span=> const _: () = #assert(#timeout.limit(), #site.policy());)
        });
        Some(code!(#(#assertions)*))
    }

    /// Of literals this was checked before.
    fn nested(
        &self,
        outer: &(usize, &Layer, &Timeout),
        inner: &(usize, &Layer, &Timeout),
    ) -> Option<TokenStream> {
        let is_literal = |timeout: &Timeout| {
            timeout.policy.is_none() && matches!(timeout.duration, Some(Value::Duration(_)))
        };
        if is_literal(outer.2) && is_literal(inner.2) {
            return None;
        }
        let span = Span::mixed_site().located_at(inner.1.span);
        let assert = self.paths.private_at("assert_nested", span);
        let (total, each) = (hygiene::site("timeout", outer.0), hygiene::site("timeout", inner.0));
        Some(quote_spanned!(span=> const _: () = #assert(#total.limit(), #each.limit());))
    }

    /// The longest that a layer takes with all that is inside, as a constant of the type `Option<Duration>`.
    fn longest(&self, index: usize) -> TokenStream {
        let Some(layer) = self.layers().get(index) else { return paths::none().into_token_stream() };
        match &layer.policy {
            Policy::Timeout(timeout) if timeout.mode != Mode::Cooperative => {
                let (some, site) = (paths::some(), hygiene::site("timeout", index));
                code!(#some(#site.limit()))
            }
            Policy::Retry(_) => {
                let (site, inside) = (hygiene::site("retry", index), self.longest(index + 1));
                code!(#site.worst_case(#inside))
            }
            Policy::Hedge(_) => {
                let (site, inside) = (hygiene::site("hedge", index), self.longest(index + 1));
                code!(#site.worst_case(#inside))
            }
            Policy::Bulkhead(bulkhead) => {
                let inside = self.longest(index + 1);
                match self.bulkhead_policy(bulkhead) {
                    Some(policy) => code!((#policy).worst_case(#inside)),
                    None => inside,
                }
            }
            Policy::RateLimit(rate_limit) => {
                let inside = self.longest(index + 1);
                match self.rate_limit_policy(rate_limit) {
                    Some(policy) => code!((#policy).worst_case(#inside)),
                    None => inside,
                }
            }
            // Nothing stands beside it, so that nobody asks.
            Policy::Resilient(_) => paths::none().into_token_stream(),
            Policy::CircuitBreaker(_) | Policy::Fallback(_) | Policy::Timeout(_) => self.longest(index + 1),
        }
    }
}

/// A timeout whose limit the compiler knows.
fn known((at, layer): (usize, &Layer)) -> Option<(usize, &Layer, &Timeout)> {
    match &layer.policy {
        Policy::Timeout(timeout) if !is_of_this_call(timeout) => Some((at, layer, timeout)),
        _ => None,
    }
}
