//! What is known of names without attributes: what was found by them.

use std::any::TypeId;

use super::with_registry;
use crate::budget::RetryBudgetPolicy;

/// Nobody declares settings.
pub(crate) fn budget_settings(_: &str) -> Option<RetryBudgetPolicy> {
    None
}

/// What was found for a name already.
pub(super) fn look_up<T: Clone + 'static>(name: &str) -> Option<T> {
    with_registry(|registry| registry.get((name, TypeId::of::<T>(), 0)))
}
