//! `#[timeout]`: the one layer that wraps a future, or moves a body to another thread.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::fallback::spent;
use super::handler::Cause;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::kinds::{Rejection, Rejections};
use crate::paths;
use crate::policy::{Mode, Policy, Timeout, When};

impl Emitter<'_> {
    pub(super) fn timeout(&self, index: usize, timeout: &Timeout, scope: &Scope) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, rejection) = (local("outcome"), local("rejection"));
        let mut scope = scope.clone();
        let reserves = self.reserve_for_handlers(index, &code!(false), &mut scope);
        let limited = match timeout.mode {
            Mode::Async => {
                let future = self.async_timeout(index, timeout, &scope);
                code!(#future.await)
            }
            Mode::Detached => self.detached_timeout(index, timeout, &scope),
            Mode::Cooperative => self.cooperative_timeout(index, timeout, &scope),
        };
        match &timeout.fallback {
            None if self.is_rejectable_inside(index) => code! {
                match #limited { #ok(#outcome) => #outcome, #err(#rejection) => #err(#rejection) }
            },
            None => limited,
            Some(handler) => {
                let exit = label("timeout", index);
                let (failure, failed) = (local("failure"), self.failure_of(&rejection));
                let set = Rejections::of(&[Rejection::TimedOut]);
                let answer =
                    self.handled(handler, true, &Cause::Failure(&failure, set), &spent(index, &scope));
                let answer = self.settled(index, &answer);
                let value = self.passed_on(index, &code!(#outcome));
                code! {
                    #exit: {
                        #reserves
                        let #failure = match #limited {
                            #ok(#outcome) => break #exit #value,
                            #err(#rejection) => #failed,
                        };
                        #answer
                    }
                }
            }
        }
    }

    /// The future of a timeout.
    pub(super) fn async_timeout(&self, index: usize, timeout: &Timeout, scope: &Scope) -> TokenStream {
        let site = hygiene::site("timeout", index);
        let future = self.layer_future(index + 1, scope);
        if is_of_this_call(timeout) {
            let (path, limit) = (self.paths.private("timeout_with"), layer_local("limit", index));
            code!(#path(&#site, #limit, #future))
        } else {
            let path = self.paths.private("timeout");
            code!(#path(&#site, #future))
        }
    }

    fn cooperative_timeout(&self, index: usize, timeout: &Timeout, scope: &Scope) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (time, outcome, rejection) = (layer_local("time", index), local("outcome"), local("rejection"));
        let site = hygiene::site("timeout", index);
        let enter = if is_of_this_call(timeout) {
            let limit = layer_local("limit", index);
            code!(#site.enter_with(#limit))
        } else {
            code!(#site.enter())
        };
        let inner = self.layer(index + 1, scope);
        code!({
            let #time = #enter;
            let #outcome = #inner;
            match #time.exit(&#site) { #ok(()) => #ok(#outcome), #err(#rejection) => #err(#rejection) }
        })
    }

    fn detached_timeout(&self, index: usize, timeout: &Timeout, scope: &Scope) -> TokenStream {
        let site = hygiene::site("timeout", index);
        // What can't go to another thread is reported where it comes from.
        let result = Span::mixed_site().located_at(self.target.result_span());
        let body = self.target.stays_behind();
        let body = body.map_or_else(Span::mixed_site, |span| Span::mixed_site().located_at(span));
        let path = self.paths.private_at("detached", result);
        let limit = if is_of_this_call(timeout) {
            let limit = layer_local("limit", index);
            code!(#limit)
        } else {
            code!(#site.limit())
        };
        let (keep, kept) = (local("keep"), local("_kept"));
        let mut outside = scope.clone();
        if self.may_come_again_unspent(index) {
            for reserve in &mut outside.reserves {
                reserve.is_last = quote!(false);
            }
        }
        // What is inside can't reach the reserves any more: it owns this attempt's clones.
        let clones = self.given_out(&outside, &outside.arguments());
        let inner = self.layer(index + 1, &Scope::default());
        let (keep_slots, hold_slots) = if scope.slots.is_empty() {
            (None, None)
        } else {
            let slots = &scope.slots;
            (
                Some(code!(let #keep = (#(::core::clone::Clone::clone(&#slots),)*);)),
                Some(code!(let #kept = #keep;)),
            )
        };
        let body = quote_spanned!(body=> { #clones #keep_slots move || { #hold_slots #inner } });
        quote_spanned!(result=> #path(&#site, #limit, #body))
    }

    /// Whether an attempt that took the last clone along may be followed by another: a circuit inside refused it.
    fn may_come_again_unspent(&self, index: usize) -> bool {
        self.layers()[..index].iter().any(|layer| {
            matches!(&layer.policy, Policy::Retry(retry) if retry.filter.rejected.contains(Rejection::CircuitOpen))
        })
    }
}

/// Whether each call works its limit out.
pub(super) fn is_of_this_call(timeout: &Timeout) -> bool {
    timeout.duration.as_ref().is_some_and(|limit| limit.when() == When::Call)
}
