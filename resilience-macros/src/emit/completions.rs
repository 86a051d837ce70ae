//! What makes an editor complete the keys of an attribute.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::args::keys;
use crate::hygiene::code;
use crate::stack::Kind;

/// rust-analyzer completes a word by what stands around it in the expansion: here in a path of a module that has the
/// keys as its items. The compiler never sees it.
pub(super) fn completions(half_typed: &[(Kind, Ident)]) -> TokenStream {
    let words = half_typed.iter().map(|(kind, word)| {
        let known = keys(*kind).into_iter().map(|key| Ident::new(key.name, Span::call_site()));
        code! {
            #[allow(unexpected_cfgs)]
            const _: () = {
                #[cfg(rust_analyzer)]
                {
                    #[allow(non_upper_case_globals)]
                    mod parameters {
                        #(pub const #known: () = ();)*
                    }
                    parameters::#word;
                }
            };
        }
    });
    quote!(#(#words)*)
}
