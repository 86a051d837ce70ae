//! `#[retry]`: a loop around what is inside.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};

use super::rejection::bits;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, layer_local, local};
use crate::paths;
use crate::policy::Retry;

impl Emitter<'_> {
    pub(super) fn retry(&self, index: usize, retry: &Retry, scope: &Scope) -> TokenStream {
        let attempts = layer_local("attempts", index);
        let (delay, outcome, step) = (local("delay"), local("outcome"), local("step"));
        let mut scope = scope.clone();
        // A fallback inside of the loop can't take over what the next attempt needs as well.
        let reserves = self.reserve(index, &self.plan.cloned, &code!(#attempts.is_last()), &mut scope);
        let begin = self.begin(index, retry);
        let inner = self.layer(index + 1, &scope);
        let judged = self.judged(index, retry);
        let steps = self.paths.private("Step");
        let end = self.exhausted(index, retry).map_or_else(
            || code!(#steps::Exhausted | #steps::Done => break #outcome,),
            |exhausted| code!(#steps::Exhausted => break #exhausted, #steps::Done => break #outcome,),
        );
        let hook = self.hook(index, retry);
        let sleep = self.paths.private(if self.target.is_async() { "wait_async" } else { "sleep" });
        let wait = self.awaited(&code!(#sleep(#delay)));
        let waits = self.paths.private("waits");
        // The failed outcome is dropped before the wait: held across it, it would have to be `Send`. A wait of no length
        // would do nothing, and where it is known to have none nothing of it is left.
        let has_to_wait = if self.target.is_async() {
            code!(#waits(#delay) || #attempts.yields())
        } else {
            code!(#waits(#delay))
        };
        code!({
            #reserves
            let mut #attempts = #begin;
            loop {
                let #delay = {
                    let #outcome = #inner;
                    let #step = #judged;
                    match #step {
                        #steps::Retry(#delay) => { #hook #delay }
                        #end
                    }
                };
                if #has_to_wait {
                    #wait;
                }
            }
        })
    }

    fn begin(&self, index: usize, retry: &Retry) -> TokenStream {
        let (attempts, site) = (self.paths.private("Attempts"), hygiene::site("retry", index));
        let begin = if retry.settings.is_of_each_call() {
            let policy = layer_local("policy", index);
            code!(#attempts::with(&#site, &#policy))
        } else {
            code!(#attempts::new(&#site))
        };
        // Only what is told the elapsed time needs the clock to be read.
        let is_timed = retry.on_retry.is_some() || retry.exhausted.is_some();
        if is_timed { code!(#begin.timed()) } else { begin }
    }

    /// What the outcome asks for.
    fn judged(&self, index: usize, retry: &Retry) -> TokenStream {
        let (ok, err, none) = (paths::ok(), paths::err(), paths::none().into_token_stream());
        let (outcome, result, value) = (local("outcome"), local("result"), local("value"));
        let (error, rejection, shape) = (local("error"), local("rejection"), &self.shape);
        let attempts = layer_local("attempts", index);
        let (succeeded, not_retried) = (code!(#attempts.succeeded()), code!(#attempts.not_retried()));
        let hint = retry.retry_after.as_ref().map_or_else(
            || none.clone(),
            |hint| {
                let ((path, span), hint) = (self.helper("hint", hint), self.user(hint));
                quote_spanned!(span=> #path(#error, #hint))
            },
        );
        let after_failure = |hint: &TokenStream| {
            if retry.settings.is_of_each_call() {
                code!(#attempts.after_failure(#hint))
            } else {
                let site = hygiene::site("retry", index);
                code!(#attempts.after_failure_at(&#site, #hint))
            }
        };
        let failed = after_failure(&hint);
        let on_ok = if let Some(when_ok) = &retry.filter.when_ok {
            let counts = self.asked(when_ok, &value);
            let failed = after_failure(&none);
            code!(#ok(#value) => if #counts { #failed } else { #succeeded },)
        } else {
            code!(#ok(_) => #succeeded,)
        };
        let on_err = match self.counts(&retry.filter, &error) {
            Some(counts) => code!(#err(#error) => if #counts { #failed } else { #not_retried },),
            None if retry.retry_after.is_some() => code!(#err(#error) => #failed,),
            None => code!(#err(_) => #failed,),
        };
        if !self.is_rejectable_inside(index) {
            return code!(match #shape.view(&#outcome) { #on_ok #on_err });
        }
        if retry.filter.takes_every_failure() && retry.retry_after.is_none() {
            let counted = bits(retry.filter.rejected);
            return code!(#shape.step(&#outcome, &mut #attempts, #counted));
        }
        let kinds = self.kinds(retry.filter.rejected);
        code! {
            match &#outcome {
                #ok(#result) => match #shape.view(#result) { #on_ok #on_err },
                #err(#rejection) => {
                    if #kinds.contains(#rejection) { #attempts.after_rejection(#rejection) } else { #not_retried }
                }
            }
        }
    }

    /// The last outcome with its error mapped, if that was asked for.
    fn exhausted(&self, index: usize, retry: &Retry) -> Option<TokenStream> {
        let map = retry.exhausted.as_ref()?;
        let outcome = local("outcome");
        let (ok, err) = (paths::ok(), paths::err());
        let (result, error, rejection, shape) =
            (local("result"), local("error"), local("rejection"), &self.shape);
        let attempts = layer_local("attempts", index);
        let map = self.fitted(map);
        let mapped = code!(#shape.fail(#shape.error_by(#attempts.exhausted(#error), #map)));
        if !self.is_rejectable_inside(index) {
            return Some(code! {
                match #shape.into_error(#outcome) { #ok(#error) => #mapped, #err(#result) => #result }
            });
        }
        Some(code! {
            match #outcome {
                #ok(#result) => #ok(match #shape.into_error(#result) {
                    #ok(#error) => #mapped,
                    #err(#result) => #result,
                }),
                #err(#rejection) => #err(#rejection),
            }
        })
    }

    fn hook(&self, index: usize, retry: &Retry) -> Option<TokenStream> {
        let hook = retry.on_retry.as_ref()?;
        let ((notify, span), hook) = (self.helper("notify", hook), self.user(hook));
        let (ok, err, some, none) = (paths::ok(), paths::err(), paths::some(), paths::none());
        let (delay, outcome, shape) = (local("delay"), local("outcome"), &self.shape);
        let (result, rejection, event) = (local("result"), local("rejection"), local("event"));
        let attempts = layer_local("attempts", index);
        let event_of = if self.is_rejectable_inside(index) {
            code! {
                match &#outcome {
                    #ok(#result) => #attempts.event(#delay, #shape.view(#result).err(), #none),
                    #err(#rejection) => #attempts.event(#delay, #none, #some(#rejection)),
                }
            }
        } else {
            code!(#attempts.event(#delay, #shape.view(&#outcome).err(), #none))
        };
        let notified = quote_spanned!(span=> #notify(&#event, #hook));
        Some(code! {
            let #event = #event_of;
            #notified;
        })
    }
}
