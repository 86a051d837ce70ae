//! `#[fallback(…)]`

use darling::FromMeta;
use darling::ast::NestedMeta;

use super::{Key, Listed, Positional, Valued, filter, list, value};

pub(crate) const KEYS: &[Key] = &[value("value"), value("exhausted"), list("clone")];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    /// In the order in which they are tried.
    #[darling(skip)]
    pub(crate) handlers: Vec<Positional>,
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    pub(crate) exhausted: Option<Valued>,
    pub(crate) clone: Option<Listed>,
    #[darling(flatten)]
    pub(crate) filter: filter::Raw,
}

impl Raw {
    pub(crate) fn read(items: &[NestedMeta], handlers: Vec<Positional>) -> darling::Result<Self> {
        Ok(Self { handlers, ..Self::from_list(items)? })
    }
}
