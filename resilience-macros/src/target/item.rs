//! What an attribute stands on, as far as it can be read.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Visibility};

/// What an attribute stands on.
pub(crate) enum Item {
    Function(Box<Function>),
    Other(Other),
}

/// What an attribute can't stand on.
pub(crate) struct Other {
    /// With its article: "a struct". `None` for a function that the parser does not understand.
    pub(crate) what: Option<&'static str>,
    pub(crate) error: syn::Error,
    pub(crate) tokens: TokenStream,
}

/// A function whose body is taken as it comes: a half-typed one still expands, so that editors can complete in it.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) is_default: Option<syn::Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Option<Group>,
    /// What follows where a body should be.
    rest: TokenStream,
}

impl Item {
    pub(crate) fn parse(tokens: TokenStream) -> Self {
        match syn::parse2::<Function>(tokens.clone()) {
            Ok(function) => Self::Function(Box::new(function)),
            Err(error) => Self::Other(Other { what: name_of(&tokens), error, tokens }),
        }
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let is_default = input.parse()?;
        let signature = input.parse()?;
        let rest: TokenStream = input.parse()?;
        let (body, rest) = match block(rest.clone()) {
            Some(body) => (Some(body), TokenStream::new()),
            None => (None, rest),
        };
        Ok(Self { attributes, visibility, is_default, signature, body, rest })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, is_default, signature, body, rest } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #is_default #signature #body #rest));
    }
}

/// The one pair of braces, without the invisible groups that `macro_rules!` puts around a `block`.
fn block(tokens: TokenStream) -> Option<Group> {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) => match group.delimiter() {
            Delimiter::Brace => Some(group),
            Delimiter::None => block(group.stream()),
            _ => None,
        },
        _ => None,
    }
}

/// Names an item by its first keyword.
fn name_of(tokens: &TokenStream) -> Option<&'static str> {
    let keywords = [
        ("struct", "a struct"),
        ("enum", "an enum"),
        ("union", "a union"),
        ("trait", "a trait"),
        ("impl", "an impl block"),
        ("mod", "a module"),
        ("type", "a type alias"),
        ("static", "a static"),
        ("use", "an import"),
        ("let", "a local variable"),
        ("extern", "an extern block"),
        ("const", "a constant"),
    ];
    let (mut by_keyword, mut is_generator) = (None, false);
    for token in tokens.clone() {
        let TokenTree::Ident(word) = token else { continue };
        if word == "fn" {
            return is_generator.then_some("a generator");
        }
        is_generator |= word == "gen";
        let named = keywords.iter().find(|(keyword, _)| word == keyword);
        by_keyword = by_keyword.or(named.map(|(_, name)| *name));
    }
    by_keyword.or_else(|| match tokens.clone().into_iter().nth(1) {
        Some(TokenTree::Punct(mark)) if mark.as_char() == '!' => Some("a macro call"),
        _ => (!tokens.is_empty()).then_some("an expression"),
    })
}
