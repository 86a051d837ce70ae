//! `#[fallback]`: handlers for what is inside.

use proc_macro2::{Ident, TokenStream};

use super::handler::Cause;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, local};
use crate::kinds::Rejections;
use crate::paths;
use crate::plan;
use crate::policy::Fallback;

/// For the last handler, after which nobody asks for what the layer has kept for its handlers.
pub(super) fn spent(index: usize, scope: &Scope) -> Scope {
    let mut scope = scope.clone();
    for reserve in &mut scope.reserves {
        if reserve.variable == hygiene::reserve(&reserve.argument, index) {
            reserve.is_last = code!(true);
        }
    }
    scope
}

impl Emitter<'_> {
    pub(super) fn fallback(&self, index: usize, fallback: &Fallback, scope: &Scope) -> TokenStream {
        let exit = label("fallback", index);
        let (failure, outcome) = (local("failure"), local("outcome"));
        let mut scope = scope.clone();
        let reserves = self.reserve_for_handlers(index, &code!(false), &mut scope);
        if let ([handler], None) = (fallback.handlers.as_slice(), &fallback.exhausted)
            && self.answers_for_all(index, fallback)
        {
            let cause = Cause::Failure(&failure, self.plan.inside[index]);
            let answer = self.handled(handler, true, &cause, &spent(index, &scope));
            let (answer, settled) = (self.settled(index, &answer), self.settled(index, &code!(#outcome)));
            let (inner, shape) = (self.layer(index + 1, &scope), &self.shape);
            let (ok, err) = (paths::ok(), paths::err());
            return code!({
                #reserves
                let #outcome = #inner;
                match #shape.failure(#outcome) { #ok(#failure) => #answer, #err(#outcome) => #settled }
            });
        }
        let failed = self.failed(index, fallback, &scope);
        let has_error = fallback.filter.when_ok.is_none();
        let mut arriving = self.plan.inside[index].both(fallback.filter.rejected);
        let keeps = has_error && fallback.exhausted.is_some();
        let (story, shape) = (local("story"), &self.shape);
        let kept = |arriving| {
            let conversion = self.conversion(arriving);
            keeps.then(|| code!(let #failure = #story.keep(#failure, #conversion);))
        };
        let first = kept(arriving);
        let begun = keeps.then(|| code!(let mut #story = #shape.story(); #first));
        let mut handlers = TokenStream::new();
        for (at, handler) in fallback.handlers.iter().enumerate() {
            let is_last = at + 1 == fallback.handlers.len();
            let cause = if has_error { Cause::Failure(&failure, arriving) } else { Cause::Unknown };
            let own;
            let answers = if is_last {
                own = spent(index, &scope);
                &own
            } else {
                &scope
            };
            let answer = self.handled(handler, is_last, &cause, answers);
            if is_last {
                let answer = self.unanswered(fallback, &answer);
                let answer = self.settled(index, &answer);
                handlers.extend(answer);
            } else {
                let own = self.own(index, &outcome, has_error, &exit);
                let binding = has_error.then(|| code!(let #failure =));
                let kept = kept(Rejections::NONE);
                handlers.extend(code!(#binding { let #outcome = #answer; #own }; #kept));
            }
            // From here on it is a handler's own error.
            arriving = Rejections::NONE;
        }
        let binding = has_error.then(|| code!(let #failure =));
        code! {
            #exit: {
                #reserves
                #binding { #failed };
                #begun
                #handlers
            }
        }
    }

    /// Whether the handlers answer for every failure and every refusal, of which there can be some.
    fn answers_for_all(&self, index: usize, fallback: &Fallback) -> bool {
        let inside = self.plan.inside[index];
        let takes_every_refusal = inside.both(fallback.filter.rejected) == inside;
        self.is_rejectable_inside(index) && fallback.filter.takes_every_failure() && takes_every_refusal
    }

    /// What the handlers answer for; leaves the fallback if there is nothing.
    fn failed(&self, index: usize, fallback: &Fallback, scope: &Scope) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, value, error) = (local("outcome"), local("value"), local("error"));
        let (rejection, shape) = (local("rejection"), &self.shape);
        let exit = label("fallback", index);
        let has_error = fallback.filter.when_ok.is_none();
        let settled = self.settled(index, &code!(#outcome));
        let inner = self.layer(index + 1, scope);
        let counts = self.counts(&fallback.filter, &error);
        let own = match (&fallback.filter.when_ok, counts) {
            (None, None) => self.own(index, &outcome, has_error, &exit),
            (when_ok, counts) => {
                let on_ok =
                    when_ok.as_ref().map_or_else(|| code!(false), |when_ok| self.asked(when_ok, &value));
                let ok_pattern = if when_ok.is_some() { code!(#ok(#value)) } else { code!(#ok(_)) };
                let err_arm =
                    counts.map_or_else(|| code!(#err(_) => true), |counts| code!(#err(#error) => #counts));
                let own = if has_error { self.own(index, &outcome, true, &exit) } else { TokenStream::new() };
                let is_failure = local("is_failure");
                code! {
                    let #is_failure = match #shape.view(&#outcome) { #ok_pattern => #on_ok, #err_arm };
                    if !#is_failure {
                        break #exit #settled;
                    }
                    #own
                }
            }
        };
        if !self.is_rejectable_inside(index) {
            return code!(let #outcome = #inner; #own);
        }
        let inside = self.plan.inside[index];
        let taken = inside.both(fallback.filter.rejected);
        if self.answers_for_all(index, fallback) {
            let failure = local("failure");
            return code! {
                let #outcome = #inner;
                match #shape.failure(#outcome) {
                    #ok(#failure) => #failure,
                    #err(#outcome) => break #exit #settled,
                }
            };
        }
        let failures = self.paths.private("Failure");
        let rejected = if has_error { code!(#failures::Rejected(#rejection)) } else { code!(()) };
        let rejection_pattern = if has_error { code!(#rejection) } else { code!(_) };
        let kinds = self.kinds(fallback.filter.rejected);
        let on_err = if taken == inside {
            code!(#err(#rejection_pattern) => #rejected,)
        } else if taken.is_empty() {
            code!(#err(#rejection) => break #exit #err(#rejection),)
        } else {
            code! {
                #err(#rejection) if #kinds.contains(&#rejection) => #rejected,
                #err(#rejection) => break #exit #err(#rejection),
            }
        };
        code! {
            let #outcome = #inner;
            match #outcome {
                #ok(#outcome) => { #own }
                #on_err
            }
        }
    }

    /// The failure in a result; a success leaves the fallback.
    fn own(&self, index: usize, outcome: &Ident, has_error: bool, exit: &syn::Lifetime) -> TokenStream {
        let (ok, err, error, shape) = (paths::ok(), paths::err(), local("error"), &self.shape);
        let failures = self.paths.private("Failure");
        let settled = self.settled(index, &code!(#outcome));
        let on_failure =
            if has_error { code!(#ok(#error) => #failures::Own(#error)) } else { code!(#ok(_) => ()) };
        code! {
            match #shape.into_error(#outcome) {
                #on_failure,
                #err(#outcome) => break #exit #settled,
            }
        }
    }

    /// The last handler's result, its error mapped if that was asked for.
    fn unanswered(&self, fallback: &Fallback, answer: &TokenStream) -> TokenStream {
        let Some(map) = &fallback.exhausted else { return answer.clone() };
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, error, shape) = (local("outcome"), local("error"), &self.shape);
        let tried = proc_macro2::Literal::usize_unsuffixed(fallback.handlers.len());
        let map = self.fitted(map);
        let story = if fallback.filter.when_ok.is_none() {
            let story = local("story");
            code!(#story.end(#tried, #error))
        } else {
            let story = self.paths.private("FallbackExhausted");
            code!(#story::after(#tried, #error))
        };
        let mapped = code!(#shape.fail(#shape.error_by(#story, #map)));
        code!({
            let #outcome = #answer;
            match #shape.into_error(#outcome) {
                #ok(#error) => #mapped,
                #err(#outcome) => #outcome,
            }
        })
    }

    /// What a layer with handlers must keep for them.
    pub(super) fn reserve_for_handlers(
        &self,
        index: usize,
        is_last: &TokenStream,
        scope: &mut Scope,
    ) -> TokenStream {
        let layer = &self.layers()[index];
        if layer.handlers().is_empty() {
            return TokenStream::new();
        }
        let mut needed = Vec::new();
        for handler in layer.handlers() {
            needed.extend(plan::handler_needs(&handler.kind, self.target));
        }
        let mut names = self.plan.cloned.clone();
        names.retain(|name| needed.contains(name) || layer.clones().contains(name));
        self.reserve(index, &names, is_last, scope)
    }
}
