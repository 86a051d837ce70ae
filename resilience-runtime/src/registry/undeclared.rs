//! What is known of names without attributes: what was found by them.

use std::any::TypeId;

use super::with_registry;
use crate::budget::RetryBudgetPolicy;
#[cfg(feature = "pipeline")]
use crate::kind::PolicyKind;

/// Nobody declares settings.
pub(crate) fn budget_settings(_: &str) -> Option<RetryBudgetPolicy> {
    None
}

/// What was found for a name already.
pub(super) fn look_up<T: Clone + 'static>(name: &str) -> Option<T> {
    with_registry(|registry| registry.get((name, TypeId::of::<T>(), 0)))
}

/// No attribute has a function.
#[cfg(feature = "pipeline")]
pub(super) fn path_ending_in(_: PolicyKind, _: &str) -> Option<&'static str> {
    None
}
