//! Whether a result counts as a failure.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Pat;
use syn::ext::IdentExt;

use super::Emitter;
use crate::hygiene::{code, local};
use crate::policy::{Errors, Filter};
use crate::validate::cases;

impl Emitter<'_> {
    /// Whether an error counts, by a reference to it; `None` if every one does.
    pub(super) fn counts(&self, filter: &Filter, error: &Ident) -> Option<TokenStream> {
        let mut conditions = Vec::new();
        if let Some(errors) = &filter.except {
            let matched = self.matched(errors, error);
            conditions.push(code!(!#matched));
        }
        if let Some(errors) = &filter.on {
            conditions.push(self.matched(errors, error));
        }
        if let Some(when) = &filter.when {
            conditions.push(self.asked(when, error));
        }
        (!conditions.is_empty()).then(|| code!(#(#conditions)&&*))
    }

    /// Asks a predicate of the user's.
    pub(super) fn asked(&self, predicate: &impl ToTokens, subject: &Ident) -> TokenStream {
        let ((check, span), predicate) = (self.helper("check", predicate), self.user(predicate));
        quote_spanned!(span=> #check(#subject, #predicate))
    }

    pub(super) fn matched(&self, Errors { pattern, guard }: &Errors, error: &Ident) -> TokenStream {
        let (check, subject) = (self.paths.private("check"), local("subject"));
        let guard = guard.as_ref().map(|guard| {
            let guard = self.user(guard);
            code!(if #guard)
        });
        let matched = code! {
            #check(#error, |#subject| match #subject {
                #pattern #guard => true,
                #[allow(unreachable_patterns)]
                _ => false,
            })
        };
        // One that stands for nothing, or for a type, would be a new name here, for whatever error.
        let names: Vec<_> = cases(pattern).into_iter().filter_map(constant).collect();
        if names.is_empty() { matched } else { code!({ #(let _ = &#names;)* #matched }) }
    }
}

/// A name of something that is there already, by its capital.
fn constant(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() && name.mutability.is_none() => {
            Some(&name.ident).filter(|name| name.unraw().to_string().starts_with(char::is_uppercase))
        }
        _ => None,
    }
}
