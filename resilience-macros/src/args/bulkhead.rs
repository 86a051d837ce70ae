//! `#[bulkhead(…)]`

use super::{Valued, parameters};

parameters! {
    max_concurrent: Valued,
    max_wait: Valued,
    max_queue: Valued,
    name: Valued,
    key: Valued,
    max_keys: Valued,
    idle: Valued,
    overflow: Valued,
    policy: Valued,
    map_err: Valued,
}
