//! `#[circuit_breaker]`: a permit around what is inside.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::handler::Cause;
use super::rejection::bits;
use super::timeout::is_of_this_call;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::kinds::{Rejection, Rejections};
use crate::paths;
use crate::policy::{CircuitBreaker, Policy, Timeout};

impl Emitter<'_> {
    pub(super) fn circuit_breaker(
        &self,
        index: usize,
        breaker: &CircuitBreaker,
        scope: &Scope,
    ) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (permit, rejection, outcome) =
            (layer_local("permit", index), local("rejection"), layer_local("outcome", index));
        let exit = label("circuit_breaker", index);
        let mut scope = scope.clone();
        // A call is refused or made: one of the two needs the arguments.
        let reserves = self.reserve_for_handlers(index, &code!(true), &mut scope);
        let refused = match &breaker.fallback {
            None => code!(#err(#rejection)),
            Some(handler) => {
                let (failure, failed) = (local("failure"), self.failure_of(&rejection));
                let set = Rejections::of(&[Rejection::CircuitOpen]);
                let answer = self.handled(handler, true, &Cause::Failure(&failure, set), &scope);
                let answer = self.settled(index, &answer);
                code!({ let #failure = #failed; #answer })
            }
        };
        let acquired = self.acquired(index, breaker, &scope);
        // By reference, so that a block that moves what it captures leaves the permit here.
        let is_asked = (index + 1..self.layers().len()).any(|inner| self.gate_around(inner) == Some(index));
        let gate = is_asked.then(|| {
            let gate = layer_local("gate", index);
            code!(let #gate = &#permit;)
        });
        let inner = self.layer(index + 1, &scope);
        let settle = self.settle(index, breaker, &permit);
        let value = self.passed_on(index, &code!(#outcome));
        code! {
            #exit: {
                #reserves
                let #permit = match #acquired {
                    #ok(#permit) => #permit,
                    #err(#rejection) => break #exit #refused,
                };
                #gate
                let #outcome = #inner;
                #settle;
                #value
            }
        }
    }

    /// A permit of the breaker, or of that of this call's key.
    fn acquired(&self, index: usize, breaker: &CircuitBreaker, scope: &Scope) -> TokenStream {
        let site = hygiene::site("circuit_breaker", index);
        let lease = self.trial_timeout(index).map(|(inner, timeout)| {
            if is_of_this_call(timeout) {
                return layer_local("limit", inner).into_token_stream();
            }
            let timeout = hygiene::site("timeout", inner);
            code!(#timeout.limit())
        });
        let breaker = match &breaker.keys {
            Some(keys) => self.of_key(&site, keys, scope),
            None => site.into_token_stream(),
        };
        lease.map_or_else(|| code!(#breaker.acquire()), |lease| code!(#breaker.acquire_within(#lease)))
    }

    /// The breaker that a call is to ask again after it has waited at this layer: it must not reach a service that was
    /// found to be down while it was in a queue.
    pub(super) fn gate_around(&self, index: usize) -> Option<usize> {
        if !self.layers()[index].may_queue() {
            return None;
        }
        // On another thread there is no way back to the permit.
        let outside = self.layers()[..index].iter().enumerate().rev();
        outside
            .take_while(|(_, layer)| self.target.is_async() || !layer.is_detached())
            .find(|(_, layer)| matches!(layer.policy, Policy::CircuitBreaker(_)))
            .map(|(at, _)| at)
    }

    /// The permit of that breaker, by reference.
    pub(super) fn gate(&self, index: usize) -> Option<Ident> {
        self.gate_around(index).map(|at| layer_local("gate", at))
    }

    /// The timeout that says how long a trial may take, and the index of its layer.
    pub(super) fn trial_timeout(&self, index: usize) -> Option<(usize, &Timeout)> {
        let inside = self.layers().iter().enumerate().skip(index + 1);
        // Around a retry a trial may take as long as all attempts do, which no single timeout says.
        let mut one_attempt = inside.take_while(|(_, inner)| !inner.is_retry());
        one_attempt.find_map(|(at, inner)| match &inner.policy {
            Policy::Timeout(timeout) => Some((at, timeout)),
            _ => None,
        })
    }

    /// Tells the permit what the outcome says about the callee's health.
    fn settle(&self, index: usize, breaker: &CircuitBreaker, permit: &Ident) -> TokenStream {
        let outcome = layer_local("outcome", index);
        let takes_all = breaker.filter.takes_every_failure()
            && breaker.retry_after.is_none()
            && breaker.success_on.is_none();
        if takes_all && self.is_rejectable_inside(index) {
            let (shape, counted) = (&self.shape, bits(breaker.filter.rejected));
            return code!(#shape.settle(#permit, &#outcome, #counted));
        }
        let (settle, verdict) = (self.paths.private("Settle"), self.verdict(index, breaker, &outcome));
        code!(#settle::settle(#permit, #verdict))
    }

    fn verdict(&self, index: usize, breaker: &CircuitBreaker, outcome: &Ident) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (result, value) = (local("result"), local("value"));
        let (error, rejection, shape) = (local("error"), local("rejection"), &self.shape);
        let verdict = self.paths.private("Verdict");
        let on_ok = if let Some(when_ok) = &breaker.filter.when_ok {
            let counts = self.asked(when_ok, &value);
            code!(#ok(#value) => if #counts { #verdict::Failure } else { #verdict::Success },)
        } else {
            code!(#ok(_) => #verdict::Success,)
        };
        let failure = breaker.retry_after.as_ref().map(|hint| {
            let ((path, span), hint) = (self.helper("hint", hint), self.user(hint));
            let hint = quote_spanned!(span=> #path(#error, #hint));
            code!(#verdict::failure(#hint))
        });
        let is_alive = breaker.success_on.as_ref().map(|errors| self.matched(errors, &error));
        let counts = self.counts(&breaker.filter, &error);
        let on_err = if let (None, None, None) = (&is_alive, &counts, &failure) {
            code!(#err(_) => #verdict::Failure,)
        } else {
            let failure = failure.unwrap_or_else(|| code!(#verdict::Failure));
            let judged = counts.map_or_else(
                || failure.clone(),
                |counts| code!(if #counts { #failure } else { #verdict::Ignored }),
            );
            let judged = is_alive.map_or_else(
                || judged.clone(),
                |is_alive| code!(if #is_alive { #verdict::Success } else { #judged }),
            );
            code!(#err(#error) => #judged,)
        };
        if !self.is_rejectable_inside(index) {
            return code!(match #shape.view(&#outcome) { #on_ok #on_err });
        }
        let kinds = self.kinds(breaker.filter.rejected);
        code! {
            match &#outcome {
                #ok(#result) => match #shape.view(#result) { #on_ok #on_err },
                #err(#rejection) => {
                    if #kinds.contains(#rejection) { #verdict::Failure } else { #verdict::Ignored }
                }
            }
        }
    }
}
