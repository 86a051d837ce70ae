//! `#[retry(…)]`

use super::{Given, Listed, Valued, filter, parameters};

parameters! {
    policy: Valued,
    max_attempts: Valued,
    backoff: Valued,
    base_delay: Valued,
    multiplier: Valued,
    max_delay: Valued,
    jitter: Valued,
    max_elapsed: Valued,
    retry_after: Valued,
    max_retry_after: Valued,
    budget: Given,
    on_retry: Valued,
    exhausted: Valued,
    clone: Listed,
    ..filter: filter::Raw,
}
