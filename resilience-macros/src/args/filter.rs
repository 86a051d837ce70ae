//! The filter that `#[retry]`, `#[circuit_breaker]` and `#[fallback]` share.

use darling::FromMeta;

use super::{Key, Listed, Valued, list, value};

pub(crate) const KEYS: &[Key] =
    &[list("on"), list("except"), value("when"), value("when_ok"), list("rejected")];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    pub(crate) on: Option<Listed>,
    pub(crate) except: Option<Listed>,
    pub(crate) when: Option<Valued>,
    pub(crate) when_ok: Option<Valued>,
    pub(crate) rejected: Option<Listed>,
}
