//! `#[retry(…)]`

use darling::FromMeta;

use super::{Key, Listed, Valued, filter, list, value};

pub(crate) const KEYS: &[Key] = &[
    value("policy"),
    value("max_attempts"),
    value("backoff"),
    value("base_delay"),
    value("multiplier"),
    value("max_delay"),
    value("jitter"),
    value("max_elapsed"),
    value("retry_after"),
    value("max_retry_after"),
    value("on_retry"),
    value("exhausted"),
    list("clone"),
];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    pub(crate) policy: Option<Valued>,
    pub(crate) max_attempts: Option<Valued>,
    pub(crate) backoff: Option<Valued>,
    pub(crate) base_delay: Option<Valued>,
    pub(crate) multiplier: Option<Valued>,
    pub(crate) max_delay: Option<Valued>,
    pub(crate) jitter: Option<Valued>,
    pub(crate) max_elapsed: Option<Valued>,
    pub(crate) retry_after: Option<Valued>,
    pub(crate) max_retry_after: Option<Valued>,
    pub(crate) on_retry: Option<Valued>,
    pub(crate) exhausted: Option<Valued>,
    pub(crate) clone: Option<Listed>,
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    #[darling(flatten)]
    pub(crate) filter: filter::Raw,
}
