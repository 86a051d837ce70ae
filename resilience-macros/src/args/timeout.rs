//! `#[timeout(…)]`, whose duration may be positional: `#[timeout("5s")]`.

use super::{Flag, Listed, Valued, parameters};

parameters! {
    duration: Valued,
    policy: Valued,
    name: Valued,
    mode: Valued,
    covers_retries: Flag,
    fallback: Valued,
    clone: Listed,
    map_err: Valued,
}
