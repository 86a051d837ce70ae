//! `#[timeout(…)]`, whose duration may be positional: `#[timeout("5s")]`.

use super::{Listed, Valued, parameters};

parameters! {
    duration: Valued,
    policy: Valued,
    name: Valued,
    mode: Valued,
    fallback: Valued,
    clone: Listed,
    map_err: Valued,
}
