//! `#[rate_limit]`: a turn before what is inside.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::body::lent_out;
use super::{Emitter, Scope};
use crate::hygiene::{self, code, label, layer_local, local};
use crate::paths;
use crate::plan;
use crate::policy::{Filter, RateLimit};

impl Emitter<'_> {
    pub(super) fn rate_limit(&self, index: usize, rate_limit: &RateLimit, scope: &Scope) -> TokenStream {
        let (ok, err, asked) = (paths::ok(), paths::err(), local("asked"));
        let (admission, rejection, outcome) =
            (layer_local("admission", index), local("rejection"), layer_local("outcome", index));
        let (turns, of_key) = self.turns(index, rate_limit, scope);
        let exit = label("rate_limit", index);
        let cost = local("cost");
        let (worked_out, at_once, amount) = match &rate_limit.cost {
            None => (None, code!(#turns.try_acquire()), code!(1.0)),
            Some(given) => {
                let given = self.cost(given, scope);
                (Some(code!(let #cost = #given;)), code!(#turns.try_acquire_for(#cost)), code!(#cost))
            }
        };
        // A call that needn't wait makes no future.
        let wait = local(if self.target.is_async() { "wait_async" } else { "wait" });
        let waited = self.awaited(&code!(#turns.#wait(#asked, #amount)));
        let in_turn = match self.gate(index) {
            None => code!(#ok(#admission) => #admission,),
            Some(gate) => code! {
                #ok(#admission) => match #gate.recheck() {
                    #ok(_) => #admission,
                    #err(#rejection) => break #exit #err(#rejection),
                },
            },
        };
        let inner = self.layer(index + 1, scope);
        let failed = rate_limit.failures.as_ref().and_then(|filter| self.fails(index, filter));
        let judged = failed.map(|failed| code!(if #failed { #turns.failed(#admission); }));
        let admitted = if judged.is_some() { code!(#admission) } else { code!(_) };
        let value = self.passed_on(index, &code!(#outcome));
        code! {
            #exit: {
                #worked_out
                #of_key
                let #admitted = match #at_once {
                    #ok(#admission) => #admission,
                    #err(#asked) => match #waited {
                        #in_turn
                        #err(#rejection) => break #exit #err(#rejection),
                    },
                };
                let #outcome = #inner;
                #judged
                #value
            }
        }
    }

    /// Where a call gets its turn: at the site, or at the rate limiter of its key, which is looked up first.
    fn turns(
        &self,
        index: usize,
        rate_limit: &RateLimit,
        scope: &Scope,
    ) -> (TokenStream, Option<TokenStream>) {
        let site = hygiene::site("rate_limit", index);
        let Some(keys) = &rate_limit.keys else { return (site.into_token_stream(), None) };
        let turns = layer_local("turns", index);
        let found = self.of_key(&site, keys, scope);
        (code!(#turns), Some(code!(let #turns = #found;)))
    }

    /// What this call costs.
    fn cost(&self, given: &Expr, scope: &Scope) -> TokenStream {
        let call = self.paths.private("call");
        let clones = lent_out(scope, &plan::mentioned(given.to_token_stream(), self.target));
        // What is no number is reported where it is written.
        let span = Span::mixed_site().located_at(given.span());
        let (cost, given) = (self.paths.private_at("cost", span), self.user(given));
        let cost = quote_spanned!(span=> #cost(#given));
        // In a closure, what the cost borrows from, a lock's guard for instance, is gone before anything is awaited.
        code!(#call(|| { #clones #cost }))
    }

    /// Whether the outcome lowers the rate; `None` where none can.
    fn fails(&self, index: usize, filter: &Filter) -> Option<TokenStream> {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, result, value) = (layer_local("outcome", index), local("result"), local("value"));
        let (error, rejection, shape) = (local("error"), local("rejection"), &self.shape);
        let rejected = self.plan.inside[index].both(filter.rejected);
        if self.target.is_plain() && filter.when_ok.is_none() && rejected.is_empty() {
            return None;
        }
        let on_ok = filter.when_ok.as_ref().map_or_else(
            || code!(#ok(_) => false,),
            |when_ok| {
                let counts = self.asked(when_ok, &value);
                code!(#ok(#value) => #counts,)
            },
        );
        let on_err = self
            .counts(filter, &error)
            .map_or_else(|| code!(#err(_) => true,), |counts| code!(#err(#error) => #counts,));
        if !self.is_rejectable_inside(index) {
            return Some(code!(match #shape.view(&#outcome) { #on_ok #on_err }));
        }
        let kinds = self.kinds(filter.rejected);
        Some(code! {
            match &#outcome {
                #ok(#result) => match #shape.view(#result) { #on_ok #on_err },
                #err(#rejection) => #kinds.contains(#rejection),
            }
        })
    }
}
