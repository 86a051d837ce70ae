//! Settings, as constants and as values of a call.

use core::time::Duration;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

use super::Emitter;
use crate::hygiene::code;
use crate::paths;
use crate::policy::{Setter, Settings, Value, When};

impl Emitter<'_> {
    pub(super) fn value(&self, value: &Value) -> TokenStream {
        match value {
            Value::Duration(value) => duration(*value),
            Value::Literal(literal) => literal.clone(),
            Value::Variant { ty, variant, holds } => {
                let ty = self.paths.private(ty);
                let variant = crate::hygiene::local(variant);
                let holds = holds.as_deref().map(|value| self.value(value));
                let holds = holds.map(|value| code!((#value)));
                code!(#ty::#variant #holds)
            }
            Value::Expression { expression, .. } => self.user(expression),
            Value::Budget { name, settings } => {
                let ty = self.paths.private("RetryBudgetPolicy");
                let setters = settings.iter().map(|setter| self.setter(setter));
                code!(#name, #ty::new() #(#setters)*)
            }
        }
    }

    /// `base.setter(value)…`, of those setters that can be evaluated by then.
    pub(super) fn chain(&self, base: &TokenStream, settings: &Settings, when: When) -> TokenStream {
        let calls = settings
            .setters
            .iter()
            .filter(|setter| setter.value.as_ref().map_or(When::Const, Value::when) == when)
            .map(|setter| self.setter(setter));
        code!(#base #(#calls)*)
    }

    pub(super) fn setter(&self, Setter { name, key, value }: &Setter) -> TokenStream {
        let mut name = crate::hygiene::local(name);
        if let Some(key) = key {
            name.set_span(name.span().located_at(*key));
        }
        let value = value.as_ref().map(|value| self.value(value));
        code!(.#name(#value))
    }
}

pub(super) fn duration(duration: Duration) -> TokenStream {
    let path = paths::duration();
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if nanos == 0 {
        let seconds = Literal::u64_unsuffixed(seconds);
        return code!(#path::from_secs(#seconds));
    }
    if let (0, Ok(millis)) = (nanos % 1_000_000, u64::try_from(duration.as_millis())) {
        let millis = Literal::u64_unsuffixed(millis);
        return code!(#path::from_millis(#millis));
    }
    let (seconds, nanos) = (Literal::u64_unsuffixed(seconds), Literal::u32_unsuffixed(nanos));
    code!(#path::new(#seconds, #nanos))
}

/// For constants of the user's, which only the compiler knows the values of.
pub(super) fn assertion(values: &[&Value], policy: &Ident) -> Option<TokenStream> {
    let span = values.iter().find_map(|value| span_of(value))?;
    // Reported where the constant is named.
    let mut policy = policy.clone();
    policy.set_span(span);
    Some(quote_spanned!(span=> const _: () = #policy.assert_valid();))
}

/// Where a constant is named.
fn span_of(value: &Value) -> Option<Span> {
    match value {
        Value::Expression { expression, when: When::Const } => Some(expression.to_token_stream().span()),
        Value::Variant { holds: Some(value), .. } => span_of(value),
        Value::Budget { settings, .. } => settings.iter().find_map(|setter| span_of(setter.value.as_ref()?)),
        _ => None,
    }
}
