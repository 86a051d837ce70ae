//! `#[bulkhead(…)]`

use darling::FromMeta;

use super::{Key, Valued, value};

pub(crate) const KEYS: &[Key] = &[
    value("max_concurrent"),
    value("max_wait"),
    value("max_queue"),
    value("name"),
    value("key"),
    value("max_keys"),
    value("idle"),
    value("policy"),
    value("map_err"),
];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    pub(crate) max_concurrent: Option<Valued>,
    pub(crate) max_wait: Option<Valued>,
    pub(crate) max_queue: Option<Valued>,
    pub(crate) name: Option<Valued>,
    pub(crate) key: Option<Valued>,
    pub(crate) max_keys: Option<Valued>,
    pub(crate) idle: Option<Valued>,
    pub(crate) policy: Option<Valued>,
    pub(crate) map_err: Option<Valued>,
}
