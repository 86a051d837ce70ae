//! `#[rate_limit(…)]`

use super::{Valued, filter, parameters};

parameters! {
    rate: Valued,
    per: Valued,
    burst: Valued,
    cost: Valued,
    max_wait: Valued,
    name: Valued,
    key: Valued,
    max_keys: Valued,
    idle: Valued,
    overflow: Valued,
    policy: Valued,
    decrease: Valued,
    increase: Valued,
    min_rate: Valued,
    safety: Valued,
    map_err: Valued,
    ..filter: filter::Raw,
}
