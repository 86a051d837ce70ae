//! `#[circuit_breaker(…)]`

use super::{Listed, Valued, filter, parameters};

parameters! {
    name: Valued,
    key: Valued,
    max_keys: Valued,
    idle: Valued,
    overflow: Valued,
    policy: Valued,
    failure_threshold: Valued,
    failure_rate: Valued,
    window: Valued,
    min_calls: Valued,
    slow_call: Valued,
    slow_rate: Valued,
    reset_timeout: Valued,
    reset_multiplier: Valued,
    max_reset_timeout: Valued,
    reset_jitter: Valued,
    retry_after: Valued,
    half_open_max_calls: Valued,
    success_threshold: Valued,
    fallback: Valued,
    clone: Listed,
    map_err: Valued,
    success_on: Listed,
    ..filter: filter::Raw,
}
