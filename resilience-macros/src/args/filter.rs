//! The filter that `#[retry]`, `#[hedge]`, `#[circuit_breaker]`, `#[rate_limit]` and `#[fallback]` share.

use super::{Listed, Valued, parameters};

parameters! {
    on: Listed,
    except: Listed,
    when: Valued,
    when_ok: Valued,
    rejected: Listed,
}
