//! `#[circuit_breaker]`: a permit around what is inside.

use proc_macro2::TokenStream;

use super::handler::Cause;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::kinds::{Rejection, Rejections};
use crate::paths;
use crate::policy::CircuitBreaker;

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
        let site = hygiene::site("circuit_breaker", index);
        let exit = label("circuit_breaker", index);
        let mut scope = scope.clone();
        let reserves = self.reserve_for_handlers(index, &mut scope);
        let refused = match &breaker.fallback {
            None => code!(#err(#rejection)),
            Some(handler) => {
                let (failure, failed) = (local("failure"), self.failure_of(&rejection));
                let set = Rejections::of(&[Rejection::CircuitOpen]);
                let answer = self.handled(handler, &Cause::Failure(&failure, set), &scope);
                let answer = self.settled(index, &answer);
                code!({ let #failure = #failed; #answer })
            }
        };
        let inner = self.layer(index + 1, &scope);
        let verdict = self.verdict(index, breaker);
        let value = self.passed_on(index, &code!(#outcome));
        code! {
            #exit: {
                #reserves
                let #permit = match #site.acquire() {
                    #ok(#permit) => #permit,
                    #err(#rejection) => break #exit #refused,
                };
                let #outcome = #inner;
                #permit.settle(#verdict);
                #value
            }
        }
    }

    /// What the outcome says about the callee's health.
    fn verdict(&self, index: usize, breaker: &CircuitBreaker) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, result, value) = (layer_local("outcome", index), local("result"), local("value"));
        let (error, rejection, shape) = (local("error"), local("rejection"), &self.shape);
        let verdict = self.paths.private("Verdict");
        let on_ok = if let Some(when_ok) = &breaker.filter.when_ok {
            let counts = self.asked(when_ok, &value);
            code!(#ok(#value) => if #counts { #verdict::Failure } else { #verdict::Success },)
        } else {
            code!(#ok(_) => #verdict::Success,)
        };
        let on_err = if let Some(counts) = self.counts(&breaker.filter, &error) {
            code!(#err(#error) => if #counts { #verdict::Failure } else { #verdict::Ignored },)
        } else {
            code!(#err(_) => #verdict::Failure,)
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
