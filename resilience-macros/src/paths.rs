//! Every path that generated code uses, rooted: it must mean the same under a shadowed `Result`, without a prelude,
//! and behind a re-export.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::Path;

use crate::hygiene::{self, code};

/// The paths into the library.
pub(crate) struct Paths {
    /// The module of what is there for generated code only.
    module: Vec<TokenTree>,
}

impl Paths {
    /// Rooted at `crate = path`, or at the library's own name.
    pub(crate) fn new(root: Option<&Path>) -> Self {
        let root = root.map_or_else(|| code!(::resilience), ToTokens::to_token_stream);
        Self { module: located_at(code!(#root::__private), Span::mixed_site()).into_iter().collect() }
    }

    /// The same by way of an import, so that there is a sixth less to be sent to the compiler and to be parsed.
    pub(crate) fn imported(root: Option<&Path>) -> (TokenStream, Self) {
        let (long, name) = (Self::new(root).module, hygiene::module());
        (code!(use #(#long)* as #name;), Self { module: vec![name.into()] })
    }

    /// An item of the runtime that is there for generated code only.
    pub(crate) fn private(&self, item: &str) -> Rooted {
        Rooted { tokens: self.module.clone() }.enter(item, Span::mixed_site())
    }

    /// The same, where a failing bound is to be reported at `span`.
    pub(crate) fn private_at(&self, item: &str, span: Span) -> Rooted {
        let module = self.module.iter().map(|token| relocated(token.clone(), span));
        Rooted { tokens: module.collect() }.enter(item, span)
    }
}

/// A path. It puts its tokens where they belong one by one: a `TokenStream` in a `TokenStream` has the compiler join the
/// two, which takes several calls of it, and code is full of paths.
#[derive(Clone)]
pub(crate) struct Rooted {
    tokens: Vec<TokenTree>,
}

impl Rooted {
    fn of(segments: &[&str]) -> Self {
        let nothing = Self { tokens: Vec::new() };
        segments.iter().fold(nothing, |path, segment| path.enter(segment, Span::mixed_site()))
    }

    /// What the library passes on, where it is [imported](Paths::imported).
    fn imported(item: &str) -> Self {
        Self { tokens: vec![hygiene::module().into()] }.enter(item, Span::mixed_site())
    }

    fn enter(mut self, segment: &str, span: Span) -> Self {
        for spacing in [Spacing::Joint, Spacing::Alone] {
            let mut colon = Punct::new(':', spacing);
            colon.set_span(span);
            self.tokens.push(colon.into());
        }
        self.tokens.push(Ident::new(segment, span).into());
        self
    }
}

impl ToTokens for Rooted {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.tokens);
    }
}

/// The same tokens, elsewhere: what they mean stays.
pub(crate) fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
    let mut located = TokenStream::new();
    for token in tokens {
        located.append(relocated(token, span));
    }
    located
}

fn relocated(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(token.span().located_at(span));
    token
}

pub(crate) fn ok() -> Rooted {
    Rooted::imported("Ok")
}

pub(crate) fn err() -> Rooted {
    Rooted::imported("Err")
}

pub(crate) fn some() -> Rooted {
    Rooted::imported("Some")
}

pub(crate) fn none() -> Rooted {
    Rooted::imported("None")
}

pub(crate) fn duration() -> Rooted {
    Rooted::of(&["core", "time", "Duration"])
}

pub(crate) fn drop() -> Rooted {
    Rooted::imported("drop")
}

pub(crate) fn future() -> Rooted {
    Rooted::of(&["core", "future", "Future"])
}

pub(crate) fn box_pin() -> Rooted {
    Rooted::of(&["std", "boxed", "Box", "pin"])
}
