//! Every path that generated code uses, rooted: it must mean the same under a shadowed `Result`, without a prelude,
//! and behind a re-export.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::hygiene::code;

/// The paths into the library.
pub(crate) struct Paths {
    root: TokenStream,
}

impl Paths {
    /// Rooted at `crate = path`, or at the library's own name.
    pub(crate) fn new(root: Option<&Path>) -> Self {
        let root = root.map_or_else(|| code!(::resilience), ToTokens::to_token_stream);
        Self { root: located_at(root, Span::mixed_site()) }
    }

    /// An item of the runtime that is there for generated code only.
    pub(crate) fn private(&self, item: &str) -> TokenStream {
        let (root, item) = (&self.root, Ident::new(item, Span::mixed_site()));
        code!(#root::__private::#item)
    }

    /// The same, where a failing bound is to be reported at `span`.
    pub(crate) fn private_at(&self, item: &str, span: Span) -> TokenStream {
        let root = located_at(self.root.clone(), span);
        let item = Ident::new(item, span);
        quote_spanned!(span=> #root::__private::#item)
    }
}

/// The same tokens, elsewhere: what they mean stays.
pub(crate) fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
    let relocated = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(relocated).collect()
}

pub(crate) fn ok() -> TokenStream {
    code!(::core::result::Result::Ok)
}

pub(crate) fn err() -> TokenStream {
    code!(::core::result::Result::Err)
}

pub(crate) fn some() -> TokenStream {
    code!(::core::option::Option::Some)
}

pub(crate) fn none() -> TokenStream {
    code!(::core::option::Option::None)
}

pub(crate) fn duration() -> TokenStream {
    code!(::core::time::Duration)
}

pub(crate) fn drop() -> TokenStream {
    code!(::core::mem::drop)
}

pub(crate) fn future() -> TokenStream {
    code!(::core::future::Future)
}

pub(crate) fn box_pin() -> TokenStream {
    code!(::std::boxed::Box::pin)
}
