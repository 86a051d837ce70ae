//! `#[hedge]`: what is inside as a future, which may be made several times.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};

use super::{Emitter, Scope};
use crate::hygiene::{self, code, layer_local, local};
use crate::paths;
use crate::policy::{Hedge, Policy};

impl Emitter<'_> {
    pub(super) fn hedge(&self, index: usize, hedge: &Hedge, scope: &Scope) -> TokenStream {
        let (path, site, outcome) =
            (self.paths.private("hedge"), hygiene::site("hedge", index), local("outcome"));
        let (policy, given) = if hedge.settings.is_of_each_call() {
            let policy = layer_local("policy", index);
            (policy.to_token_stream(), code!(&#policy))
        } else {
            let policy = code!(#site.policy());
            (policy.clone(), policy)
        };
        let mut scope = scope.clone();
        scope.is_shared = true;
        let reserves = self.reserve(index, &self.plan.cloned, &code!(false), &mut scope);
        let deposit = self.deposit(index, hedge, &policy, &given);
        let is_innermost = index + 1 == self.layers().len();
        let body = if is_innermost { self.body_future(&scope) } else { None };
        let call = body.unwrap_or_else(|| {
            let inner = self.layer(index + 1, &scope);
            code!(async { #inner })
        });
        // An argument that a call consumes is reported with what captures it.
        let at = self.consumed_at();
        let make = quote_spanned!(at=> || #call);
        let is_answer = self.is_answer(index, hedge);
        code!({
            #reserves
            #deposit
            #path(&#site, #given, #make, |#outcome| #is_answer).await
        })
    }

    /// What the call pays into the budget, unless a retry outside of it does.
    fn deposit(
        &self,
        index: usize,
        hedge: &Hedge,
        policy: &TokenStream,
        given: &TokenStream,
    ) -> Option<TokenStream> {
        if hedge.settings.base.is_none() && !hedge.settings.names_a_budget() {
            return None;
        }
        let site = hygiene::site("hedge", index);
        let deposit = code!(#site.deposit(#given););
        let retry = self.layers()[..index].iter().position(|layer| match &layer.policy {
            Policy::Retry(retry) => retry.settings.base.is_some() || retry.settings.names_a_budget(),
            _ => false,
        });
        Some(retry.map_or_else(
            || deposit.clone(),
            |retry| {
                let attempts = layer_local("attempts", retry);
                code!(if !#attempts.pays_into(#policy.named_budget()) { #deposit })
            },
        ))
    }

    /// Whether an outcome ends all calls.
    fn is_answer(&self, index: usize, hedge: &Hedge) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, result, value) = (local("outcome"), local("result"), local("value"));
        let (error, rejection, shape) = (local("error"), local("rejection"), &self.shape);
        let on_ok = if let Some(when_ok) = &hedge.filter.when_ok {
            let counts = self.asked(when_ok, &value);
            code!(#ok(#value) => !#counts,)
        } else {
            code!(#ok(_) => true,)
        };
        let on_err = self
            .counts(&hedge.filter, &error)
            .map_or_else(|| code!(#err(_) => false,), |counts| code!(#err(#error) => !(#counts),));
        if !self.is_rejectable_inside(index) {
            return code!(match #shape.view(#outcome) { #on_ok #on_err });
        }
        let kinds = self.kinds(hedge.filter.rejected);
        code! {
            match #outcome {
                #ok(#result) => match #shape.view(#result) { #on_ok #on_err },
                #err(#rejection) => !#kinds.contains(#rejection),
            }
        }
    }
}
