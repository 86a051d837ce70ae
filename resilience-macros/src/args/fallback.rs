//! `#[fallback(…)]`, whose handlers are positional, in the order in which they are tried.

use super::{Listed, Valued, filter, parameters};

parameters! {
    @value,
    exhausted: Valued,
    clone: Listed,
    ..filter: filter::Raw,
}
