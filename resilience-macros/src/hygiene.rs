//! Every identifier of generated code. Locals are `mixed_site`, so that user code can neither name nor shadow them.

use proc_macro2::{Ident, Span};
use syn::Lifetime;

/// `quote!`, with the hygiene of `macro_rules!` for what it writes.
macro_rules! code {
    ($($tokens:tt)*) => { ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site()=> $($tokens)* } };
}
pub(crate) use code;

/// The item by which a later resilience attribute knows an expanded stack. Items are not hygienic: the name is
/// unusual instead.
pub(crate) const MARKER: &str = "__RESILIENCE_STACK";

/// A local of generated code.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A local of which every layer has its own.
pub(crate) fn layer_local(name: &str, layer: usize) -> Ident {
    Ident::new(&format!("{name}_{layer}"), Span::mixed_site())
}

/// The label of a layer's block.
pub(crate) fn label(name: &str, layer: usize) -> Lifetime {
    Lifetime::new(&format!("'{name}_{layer}"), Span::mixed_site())
}

/// The value that an argument is cloned from.
pub(crate) fn reserve(argument: &Ident, layer: usize) -> Ident {
    let name = argument.to_string();
    Ident::new(&format!("reserve_{}_{layer}", name.trim_start_matches("r#")), Span::mixed_site())
}

/// The constant that holds what the function is called in errors, metrics and look-ups.
pub(crate) fn function_name() -> Ident {
    Ident::new("__RESILIENCE_FUNCTION", Span::mixed_site())
}

/// The static of a layer.
pub(crate) fn site(kind: &str, layer: usize) -> Ident {
    Ident::new(&format!("__RESILIENCE_{}_{layer}", kind.to_uppercase()), Span::mixed_site())
}

/// The constant that holds a layer's settings.
pub(crate) fn policy(kind: &str, layer: usize) -> Ident {
    Ident::new(&format!("__RESILIENCE_{}_{layer}_POLICY", kind.to_uppercase()), Span::mixed_site())
}

/// The static of the whole stack.
pub(crate) fn marker() -> Ident {
    Ident::new(MARKER, Span::mixed_site())
}

/// What generated code calls the module that it calls.
pub(crate) fn module() -> Ident {
    Ident::new("__resilience", Span::mixed_site())
}
