//! From tokens to keys and values.
//!
//! syn's own reader of attributes takes literals only in their plainest places; here a value is any expression, and
//! what is wrong with one argument does not hide the others.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, MacroDelimiter, Meta, MetaList, MetaNameValue, Path, Token};

use super::parameters::Parameter;
use super::{Form, Valued, keys, names, takes_positional};
use crate::stack::Kind;

/// The arguments of one attribute, sorted.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) positional: Vec<Positional>,
    /// Known keys in their right form, each once.
    pub(crate) metas: Vec<Meta>,
    /// Of those whose place matters.
    pub(crate) keys: Vec<Ident>,
    /// `crate = path`
    pub(crate) root: Option<Valued>,
    pub(crate) strays: Vec<Stray>,
    /// Whether another argument may follow at once.
    pub(crate) is_open: bool,
}

/// An argument whose place matters.
#[derive(Clone)]
pub(crate) enum Positional {
    Bare(Expr),
    /// `value = expr` of `#[fallback]`, a handler among the others.
    Value(Expr),
}

impl Positional {
    pub(crate) fn value(&self) -> &Expr {
        match self {
            Self::Bare(value) | Self::Value(value) => value,
        }
    }
}

/// An argument that can't be what was meant. Reported by `validate`.
pub(crate) struct Stray {
    pub(crate) span: Span,
    pub(crate) kind: StrayKind,
    /// What is given, if that could be read.
    pub(crate) value: Option<Expr>,
}

pub(crate) enum StrayKind {
    Syntax(syn::Error),
    Unknown(String),
    Repeated(String),
    /// A known key, written otherwise than it must be.
    Form(String, Form),
    /// A bare value where every argument has a key.
    Bare,
    /// `#[retry = …]`
    Assigned,
}

impl Stray {
    pub(crate) fn syntax(error: syn::Error) -> Self {
        Self { span: error.span(), kind: StrayKind::Syntax(error), value: None }
    }
}

enum Argument {
    Meta(Meta),
    Bare(Expr),
}

impl Arguments {
    pub(crate) fn parse(kind: Kind, tokens: TokenStream) -> Self {
        let mut arguments = Self { is_open: ends_open(&tokens), ..Self::default() };
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match argument(kind, input) {
                    Ok(argument) => arguments.sort(kind, argument),
                    Err(error) => {
                        arguments.strays.push(Stray::syntax(error));
                        while !input.is_empty() && !input.peek(Token![,]) {
                            input.parse::<TokenTree>()?;
                        }
                    }
                }
                if input.is_empty() {
                    break;
                }
                if let Err(error) = input.parse::<Token![,]>() {
                    arguments.strays.push(Stray::syntax(error));
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<TokenTree>()?;
                    }
                    input.parse::<Option<Token![,]>>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            arguments.strays.push(Stray::syntax(error));
        }
        arguments
    }

    /// `#[retry = …]`, which is none of the forms.
    pub(crate) fn assigned(value: &Expr) -> Self {
        let stray = Stray { span: value.span(), kind: StrayKind::Assigned, value: Some(value.clone()) };
        Self { strays: vec![stray], ..Self::default() }
    }

    fn sort(&mut self, kind: Kind, argument: Argument) {
        let meta = match argument {
            Argument::Bare(value) if takes_positional(kind) => {
                self.positional.push(Positional::Bare(value));
                return;
            }
            Argument::Bare(value) => {
                self.strays.push(Stray { span: value.span(), kind: StrayKind::Bare, value: Some(value) });
                return;
            }
            Argument::Meta(meta) => meta,
        };
        let span = meta.path().span();
        let Some(name) = meta.path().get_ident().map(ToString::to_string) else { return };
        if kind == Kind::Fallback
            && name == "value"
            && let Meta::NameValue(pair) = meta
        {
            self.positional.push(Positional::Value(pair.value));
            self.keys.extend(pair.path.get_ident().cloned());
            return;
        }
        let value = match &meta {
            Meta::NameValue(pair) => Some(pair.value.clone()),
            Meta::Path(_) | Meta::List(_) => None,
        };
        let listed = match &meta {
            Meta::List(list) => syn::parse2(list.tokens.clone()).ok(),
            _ => None,
        };
        let form = match keys(kind).into_iter().find(|key| key.name == name) {
            Some(key) => key.form,
            None if name == "crate" => Form::Value,
            None => {
                self.strays.push(Stray { span, kind: StrayKind::Unknown(name), value });
                return;
            }
        };
        let written = match &meta {
            Meta::Path(_) => Form::Word,
            Meta::List(_) => Form::List,
            Meta::NameValue(_) => Form::Value,
        };
        let fits = if form == Form::Any { written != Form::Word } else { written == form };
        if !fits {
            let value = value.or(listed);
            self.strays.push(Stray { span, kind: StrayKind::Form(name, form), value });
        } else if self.metas.iter().any(|other| other.path().is_ident(&name))
            || name == "crate" && self.root.is_some()
        {
            self.strays.push(Stray { span, kind: StrayKind::Repeated(name), value });
        } else if name == "crate" {
            self.root = Valued::read(&meta);
        } else {
            self.metas.push(meta);
        }
    }
}

/// Whether nothing stands at the end, where a list goes on.
pub(crate) fn ends_open(list: &TokenStream) -> bool {
    let end = list.clone().into_iter().last();
    end.is_none_or(|end| matches!(end, TokenTree::Punct(comma) if comma.as_char() == ','))
}

fn argument(kind: Kind, input: ParseStream<'_>) -> syn::Result<Argument> {
    let ahead = input.fork();
    if let Ok(key) = ahead.call(Ident::parse_any) {
        if ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]) {
            input.call(Ident::parse_any)?;
            let eq_token = input.parse()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(syn::Error::new(key.span(), format!("`{key}` has no value: write `{key} = …`")));
            }
            let value = input.parse()?;
            return Ok(Argument::Meta(Meta::NameValue(MetaNameValue {
                path: Path::from(key),
                eq_token,
                value,
            })));
        }
        let is_known = names(kind).iter().any(|known| key == known);
        let is_otherwise = ahead.peek(Token![:]) && !ahead.peek(Token![::])
            || ahead.peek(Token![=>])
            || is_known && ahead.peek(Token![==]);
        if is_otherwise {
            let span = ahead.span();
            return Err(syn::Error::new(span, format!("a value stands behind `=`: write `{key} = …`")));
        }
        if ahead.peek(syn::token::Paren) && (is_known || !takes_positional(kind)) {
            input.call(Ident::parse_any)?;
            let content;
            let delimiter = MacroDelimiter::Paren(syn::parenthesized!(content in input));
            let tokens = content.parse()?;
            return Ok(Argument::Meta(Meta::List(MetaList { path: Path::from(key), delimiter, tokens })));
        }
        let stands_alone = ahead.is_empty() || ahead.peek(Token![,]);
        if stands_alone && (is_known || !takes_positional(kind)) {
            input.call(Ident::parse_any)?;
            return Ok(Argument::Meta(Meta::Path(Path::from(key))));
        }
    }
    input.parse().map(Argument::Bare)
}
