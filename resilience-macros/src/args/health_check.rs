//! `#[health_check(…)]`.

use super::{Valued, parameters};

parameters! {
    name: Valued,
    timeout: Valued,
    critical: Valued,
}
