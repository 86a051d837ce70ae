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
