//! Rejections on their way into the function's own error.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, LitInt};

use super::Emitter;
use crate::hygiene::{code, local};
use crate::kinds::{Rejection, Rejections};
use crate::paths;
use crate::plan;
use crate::policy::Policy;

impl Emitter<'_> {
    /// The set, as a constant of the runtime, which takes the kinds by their places in `Rejection::ALL`.
    pub(super) fn kinds(&self, set: Rejections) -> TokenStream {
        let (kinds, bits) = (self.paths.private("Kinds"), bits(set));
        code!(#kinds::of(#bits))
    }

    /// The caller's result, from what the outermost layer gave.
    pub(super) fn rejected(&self, layers: &TokenStream) -> TokenStream {
        let (ok, err) = (paths::ok(), paths::err());
        let (outcome, rejection) = (local("outcome"), local("rejection"));
        // A missing conversion is a mistake of the function's error type.
        let span = Span::mixed_site().located_at(self.target.error_span());
        let mut shape = self.shape.clone();
        shape.set_span(span);
        let by_from = quote_spanned!(span=> #shape.reject(#rejection));
        let value = self.by_kind(self.plan.out, &rejection, &|error| code!(#shape.fail(#error)), by_from);
        code! {
            match #layers {
                #ok(#outcome) => #outcome,
                #err(#rejection) => #value,
            }
        }
    }

    /// How a handler gets these rejections as the function's error.
    pub(super) fn conversion(&self, set: Rejections) -> TokenStream {
        let (shape, rejected, rejection) = (&self.shape, self.paths.private("Error"), local("rejection"));
        if set.is_empty() {
            return self.paths.private("NoRejection").into_token_stream();
        }
        if set.iter().all(|kind| self.map_err(kind).is_none()) {
            let by_from = self.paths.private("ByFrom");
            return code!(#by_from);
        }
        let from = self.paths.private("FromRejection");
        let by_from = code!(#from::from_rejection(#rejection));
        let value = self.by_kind(set, &rejection, &|error| error, by_from);
        code!(#shape.map_with(|#rejection: #rejected| #value))
    }

    /// Each kind by its own `map_err`, and the others by `From`: a bound that must not arise if there are none.
    fn by_kind(
        &self,
        set: Rejections,
        rejection: &Ident,
        wrap: &dyn Fn(TokenStream) -> TokenStream,
        by_from: TokenStream,
    ) -> TokenStream {
        let (mut arms, mut has_others) = (Vec::new(), false);
        for kind in set.iter() {
            if let Some(map) = self.map_err(kind) {
                let (shape, map) = (&self.shape, self.fitted(map));
                arms.push((kind, wrap(code!(#shape.error_by(#rejection, #map)))));
            } else {
                has_others = true;
            }
        }
        let last = if has_others { None } else { arms.pop() };
        let mut value = last.map_or(by_from, |(_, mapped)| mapped);
        while let Some((kind, mapped)) = arms.pop() {
            let kinds = self.kinds(Rejections::of(&[kind]));
            value = code!(if #kinds.contains(&#rejection) { #mapped } else { #value });
        }
        value
    }

    /// The `map_err` of the attribute that gives this kind of rejection.
    fn map_err(&self, kind: Rejection) -> Option<&Expr> {
        self.layers()
            .iter()
            .filter(|layer| {
                let own = match layer.policy {
                    Policy::CircuitBreaker(_) => Rejection::CircuitOpen,
                    Policy::Timeout(_) => Rejection::TimedOut,
                    _ => return plan::adds(layer).contains(kind),
                };
                own == kind
            })
            .find_map(|layer| layer.map_err())
    }
}

/// The set as the runtime takes it: a bit for each kind.
pub(super) fn bits(set: Rejections) -> TokenStream {
    LitInt::new(&format!("{:#06b}", set.bits()), Span::mixed_site()).into_token_stream()
}
