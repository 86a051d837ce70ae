//! What stands in for the real things, on this thread and in this scope.
//!
//! There is one way to put something in place, and one to take it along. A guard adds what it stands for to the
//! thread's kit and takes it out again, everywhere at once, when it is dropped. A scope (an isolated test, a task
//! that was carried, a detached body) has a kit of its own, which is the thread's for as long as the scope runs: a
//! future's for each of its polls, so that what its guards put in place stays with it across every `.await`.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

use super::clock::Clock;
use super::injection::Plan;
use super::recorder::Log;
use crate::registry::Registry;

thread_local! {
    static CURRENT: RefCell<Kit> = const { RefCell::new(Kit::EMPTY) };
}

/// Reads the thread's kit. It is empty while the thread's destructors run.
fn with<T>(read: impl Fn(&Kit) -> T) -> T {
    CURRENT.try_with(|kit| read(&kit.borrow())).unwrap_or_else(|_| read(&Kit::EMPTY))
}

/// Changes the thread's kit, unless the thread's destructors run.
fn with_mut(change: impl FnOnce(&mut Kit)) {
    let _ = CURRENT.try_with(|kit| change(&mut kit.borrow_mut()));
}

/// What is in place; in each list, the latest last.
#[derive(Clone, Debug)]
pub(crate) struct Kit {
    registry: Option<Arc<Registry>>,
    clocks: Vec<Weak<Clock>>,
    plans: Vec<Weak<Plan>>,
    logs: Vec<Weak<Log>>,
}

/// What guards put in place.
pub(super) trait Part: Sized {
    fn list(kit: &Kit) -> &Vec<Weak<Self>>;

    fn list_mut(kit: &mut Kit) -> &mut Vec<Weak<Self>>;
}

macro_rules! parts {
    ($($part:ident: $list:ident,)*) => {$(
        impl Part for $part {
            fn list(kit: &Kit) -> &Vec<Weak<Self>> {
                &kit.$list
            }

            fn list_mut(kit: &mut Kit) -> &mut Vec<Weak<Self>> {
                &mut kit.$list
            }
        }
    )*};
}

parts! {
    Clock: clocks,
    Plan: plans,
    Log: logs,
}

/// Keeps a part in place for as long as it lives. It belongs to the thread that it was made on, or to the future:
/// that it is not `Send` keeps a task from taking it to a thread where it would mean nothing.
#[derive(Debug)]
pub(super) struct InPlace<P> {
    pub(super) part: Arc<P>,
    not_send: PhantomData<*const ()>,
}

impl<P: Part> InPlace<P> {
    pub(super) fn new(part: P) -> Self {
        let part = Arc::new(part);
        with_mut(|kit| {
            let list = P::list_mut(kit);
            list.retain(|other| other.strong_count() > 0);
            list.push(Arc::downgrade(&part));
        });
        Self { part, not_send: PhantomData }
    }
}

/// All parts of a kind, the latest first.
pub(super) fn parts<P: Part>() -> Vec<Arc<P>> {
    with(|kit| P::list(kit).iter().rev().filter_map(Weak::upgrade).collect())
}

/// The registry in the place of the program's own.
pub(crate) fn registry() -> Option<Arc<Registry>> {
    with(|kit| kit.registry.clone())
}

/// Whether anything at all stands in for the real things here.
#[cfg(feature = "health")]
pub(crate) fn governs() -> bool {
    with(|kit| kit.registry.is_some()) || !parts::<Clock>().is_empty()
}

impl Kit {
    const EMPTY: Self = Self { registry: None, clocks: Vec::new(), plans: Vec::new(), logs: Vec::new() };

    /// A copy, to be taken along.
    pub(crate) fn current() -> Self {
        with(Self::clone)
    }

    /// The same with a registry that nobody else has.
    pub(super) fn isolated(mut self) -> Self {
        self.registry = Some(Arc::default());
        self
    }

    /// Makes this the thread's kit, until the scope is dropped.
    pub(crate) fn enter(&mut self) -> Scope<'_> {
        self.swap();
        Scope { kit: self, not_send: PhantomData }
    }

    fn swap(&mut self) {
        with_mut(|current| std::mem::swap(current, self));
    }
}

/// The time for which a kit is the thread's.
#[derive(Debug)]
pub(crate) struct Scope<'k> {
    kit: &'k mut Kit,
    not_send: PhantomData<*const ()>,
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        // What was added meanwhile stays with the kit, for the next time.
        self.kit.swap();
    }
}
