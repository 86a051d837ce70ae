//! `#[circuit_breaker(…)]`

use darling::FromMeta;

use super::{Key, Listed, Valued, filter, list, value};

pub(crate) const KEYS: &[Key] = &[
    value("name"),
    value("key"),
    value("max_keys"),
    value("idle"),
    value("policy"),
    value("failure_threshold"),
    value("failure_rate"),
    value("window"),
    value("min_calls"),
    value("slow_call"),
    value("slow_rate"),
    value("reset_timeout"),
    value("reset_multiplier"),
    value("max_reset_timeout"),
    value("reset_jitter"),
    value("retry_after"),
    value("half_open_max_calls"),
    value("success_threshold"),
    value("fallback"),
    list("clone"),
    value("map_err"),
];

#[derive(Default, FromMeta)]
#[darling(default)]
pub(crate) struct Raw {
    #[darling(rename = "crate")]
    pub(crate) root: Option<Valued>,
    pub(crate) name: Option<Valued>,
    pub(crate) key: Option<Valued>,
    pub(crate) max_keys: Option<Valued>,
    pub(crate) idle: Option<Valued>,
    pub(crate) policy: Option<Valued>,
    pub(crate) failure_threshold: Option<Valued>,
    pub(crate) failure_rate: Option<Valued>,
    pub(crate) window: Option<Valued>,
    pub(crate) min_calls: Option<Valued>,
    pub(crate) slow_call: Option<Valued>,
    pub(crate) slow_rate: Option<Valued>,
    pub(crate) reset_timeout: Option<Valued>,
    pub(crate) reset_multiplier: Option<Valued>,
    pub(crate) max_reset_timeout: Option<Valued>,
    pub(crate) reset_jitter: Option<Valued>,
    pub(crate) retry_after: Option<Valued>,
    pub(crate) half_open_max_calls: Option<Valued>,
    pub(crate) success_threshold: Option<Valued>,
    pub(crate) fallback: Option<Valued>,
    pub(crate) clone: Option<Listed>,
    pub(crate) map_err: Option<Valued>,
    #[darling(flatten)]
    pub(crate) filter: filter::Raw,
}
