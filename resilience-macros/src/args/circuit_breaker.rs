//! `#[circuit_breaker(…)]`

use darling::FromMeta;

use super::{Key, Valued, filter, value};

pub(crate) const KEYS: &[Key] = &[
    value("name"),
    value("policy"),
    value("failure_threshold"),
    value("reset_timeout"),
    value("half_open_max_calls"),
    value("success_threshold"),
    value("fallback"),
    value("map_err"),
];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    pub(crate) name: Option<Valued>,
    pub(crate) policy: Option<Valued>,
    pub(crate) failure_threshold: Option<Valued>,
    pub(crate) reset_timeout: Option<Valued>,
    pub(crate) half_open_max_calls: Option<Valued>,
    pub(crate) success_threshold: Option<Valued>,
    pub(crate) fallback: Option<Valued>,
    pub(crate) map_err: Option<Valued>,
    #[darling(flatten)]
    pub(crate) filter: filter::Raw,
}
