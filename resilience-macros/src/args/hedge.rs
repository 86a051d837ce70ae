//! `#[hedge(…)]`

use super::{Given, Listed, Valued, filter, parameters};

parameters! {
    after: Valued,
    max: Valued,
    budget: Given,
    clone: Listed,
    policy: Valued,
    ..filter: filter::Raw,
}
