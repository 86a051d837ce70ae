//! How a parameter is written, and how a file declares those of its attribute.

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Expr, Meta};

/// A key of an attribute.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `key = value`
    Value,
    /// `key(…)`
    List,
    /// Either of the two.
    Any,
    /// `key`
    Word,
}

/// What a parameter is read into.
pub(crate) trait Parameter: Sized {
    const FORM: Form;

    /// `None` in another form.
    fn read(meta: &Meta) -> Option<Self>;
}

/// `key = value`.
#[derive(Clone)]
pub(crate) struct Valued {
    pub(crate) key: Span,
    pub(crate) value: Expr,
}

impl Parameter for Valued {
    const FORM: Form = Form::Value;

    fn read(meta: &Meta) -> Option<Self> {
        match meta {
            Meta::NameValue(pair) => Some(Self { key: pair.path.span(), value: pair.value.clone() }),
            _ => None,
        }
    }
}

/// `key(tokens)`.
#[derive(Clone)]
pub(crate) struct Listed {
    pub(crate) key: Span,
    pub(crate) tokens: TokenStream,
}

impl Parameter for Listed {
    const FORM: Form = Form::List;

    fn read(meta: &Meta) -> Option<Self> {
        match meta {
            Meta::List(list) => Some(Self { key: list.path.span(), tokens: list.tokens.clone() }),
            _ => None,
        }
    }
}

/// `key = value` or `key(tokens)`.
#[derive(Clone)]
pub(crate) enum Given {
    Valued(Valued),
    Listed(Listed),
}

impl Parameter for Given {
    const FORM: Form = Form::Any;

    fn read(meta: &Meta) -> Option<Self> {
        Valued::read(meta).map(Self::Valued).or_else(|| Listed::read(meta).map(Self::Listed))
    }
}

/// `key`, alone.
#[derive(Clone, Copy)]
pub(crate) struct Flag {
    pub(crate) key: Span,
}

impl Parameter for Flag {
    const FORM: Form = Form::Word;

    fn read(meta: &Meta) -> Option<Self> {
        match meta {
            Meta::Path(key) => Some(Self { key: key.span() }),
            _ => None,
        }
    }
}

/// Declares the parameters of an attribute, as `KEYS` and as the struct `Raw` that they are read into:
///
/// - `name: Valued,` is `name = value`, and `name: Listed,` is `name(…)`, `name: Given,` either, `name: Flag,` neither;
/// - `@name,` stands in front and is `name = value` too, but positional: its place among the others matters;
/// - `..group: group::Raw,` at the end takes in the parameters of another file.
macro_rules! parameters {
    ($(@$positional:ident,)* $($name:ident: $ty:ident,)* $(..$group:ident: $module:ident::Raw,)?) => {
        pub(crate) const KEYS: &[$crate::args::Key] = &[
            $($crate::args::Key { name: stringify!($positional), form: $crate::args::Form::Value },)*
            $($crate::args::Key {
                name: stringify!($name),
                form: <$ty as $crate::args::parameters::Parameter>::FORM,
            },)*
        ];

        #[derive(Default)]
        pub(crate) struct Raw {
            $(pub(crate) $name: Option<$ty>,)*
            $(pub(crate) $group: $module::Raw,)?
        }

        impl Raw {
            pub(crate) fn of(metas: &[syn::Meta]) -> Self {
                let given = |name: &str| metas.iter().find(|meta| meta.path().is_ident(name));
                Self {
                    $($name: given(stringify!($name)).and_then($crate::args::parameters::Parameter::read),)*
                    $($group: $module::Raw::of(metas),)?
                }
            }
        }
    };
}
pub(super) use parameters;
