//! `#[resilient(…)]`, whose pipeline is positional.

use super::{Listed, parameters};

parameters! {
    clone: Listed,
}
