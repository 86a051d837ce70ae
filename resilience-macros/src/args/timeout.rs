//! `#[timeout(…)]`

use darling::FromMeta;
use darling::ast::NestedMeta;
use syn::Expr;

use super::{Key, Listed, Positional, Valued, list, value};

pub(crate) const KEYS: &[Key] = &[
    value("duration"),
    value("policy"),
    value("name"),
    value("mode"),
    value("fallback"),
    list("clone"),
    value("map_err"),
];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    /// `#[timeout("5s")]`
    #[darling(skip)]
    pub(crate) positional: Vec<Expr>,
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    pub(crate) duration: Option<Valued>,
    pub(crate) policy: Option<Valued>,
    pub(crate) name: Option<Valued>,
    pub(crate) mode: Option<Valued>,
    pub(crate) fallback: Option<Valued>,
    pub(crate) clone: Option<Listed>,
    pub(crate) map_err: Option<Valued>,
}

impl Raw {
    pub(crate) fn read(items: &[NestedMeta], positional: Vec<Positional>) -> darling::Result<Self> {
        let positional = positional
            .into_iter()
            .map(|positional| match positional {
                Positional::Bare(value) | Positional::Value(value) => value,
            })
            .collect();
        Ok(Self { positional, ..Self::from_list(items)? })
    }
}
