//! `key = …`: one instance for each key, on every attribute that has it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

use super::body::lent_out;
use super::{Emitter, Scope};
use crate::hygiene::code;
use crate::paths;
use crate::plan;
use crate::policy::{Keys, Value};

impl Emitter<'_> {
    /// What a site says of its keys, and what must hold of that.
    pub(super) fn keyed(&self, keys: &Keys) -> (TokenStream, Option<TokenStream>) {
        let asserted = keys.max_keys.as_ref().and_then(|value| {
            let Value::Expression { expression, .. } = value else { return None };
            let span = expression.span();
            Some(quote_spanned! {span=>
                const _: () = ::core::assert!(#expression > 0, "`max_keys` must be at least 1");
            })
        });
        let given = |value: &Option<Value>| {
            let (some, none) = (paths::some(), paths::none());
            let value = value.as_ref().map(|value| self.value(value));
            value.map_or_else(|| none.into_token_stream(), |value| code!(#some(#value)))
        };
        let (max_keys, idle) = (given(&keys.max_keys), given(&keys.idle));
        let overflow = keys.overflow.as_ref().map(|value| {
            let value = self.value(value);
            code!(.overflow(#value))
        });
        (code!(.keyed(#max_keys, #idle) #overflow), asserted)
    }

    /// The instance of this call's key.
    pub(super) fn of_key(&self, site: &Ident, keys: &Keys, scope: &Scope) -> TokenStream {
        let (call, key_of) = (self.paths.private("call"), self.paths.private("KeyOf"));
        let clones = lent_out(scope, &plan::mentioned(keys.key.to_token_stream(), self.target));
        // What can't be a key is reported where it is written.
        let span = Span::mixed_site().located_at(keys.key.span());
        let key = self.user(&keys.key);
        let found = quote_spanned!(span=> #site.for_key(#key_of(&(#key)).key()));
        // In a closure, what the key borrows from, a lock's guard for instance, is gone before anything is awaited.
        code!(#call(|| { #clones #found }))
    }
}
