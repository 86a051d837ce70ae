//! What threads meet at: the standard library's, or under `cfg(loom)` that of the checker, which tries every
//! order of what they do there.
//!
//! `OnceLock` stays the standard library's: loom has none, and it is written only once, by code that does nothing
//! else.

pub(crate) use std::sync::OnceLock;

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
#[cfg(loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
#[cfg(not(loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

/// Runs a test in every order of its threads' steps, with so many switches at most where a thread could have gone
/// on. Three show nearly every fault, and take seconds; `LOOM_MAX_PREEMPTIONS` asks for more.
#[cfg(all(test, loom))]
pub(crate) fn in_every_order(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound.get_or_insert(3);
    model.check(test);
}
