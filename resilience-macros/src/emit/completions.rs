//! What makes an editor complete the keys of an attribute.

use proc_macro2::TokenStream;
use quote::quote;

use crate::half_typed::HalfTyped;
use crate::hygiene::code;

/// rust-analyzer completes a word by what stands around it in the expansion: here in the path of an enum that has the
/// choices as its variants. The compiler never sees it.
///
/// Stands in front of all that depends on what the arguments are.
pub(super) fn completions(half_typed: &[HalfTyped]) -> TokenStream {
    let places = half_typed.iter().map(|HalfTyped { choices, words }| {
        code! {
            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(rust_analyzer)]
                {
                    #[allow(non_camel_case_types)]
                    enum parameters { #(#choices),* }
                    use parameters::{#(#words),*};
                }
            };
        }
    });
    quote!(#(#places)*)
}
