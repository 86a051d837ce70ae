//! What threads meet at: the standard library's, or under `cfg(loom)` that of the checker, which tries every
//! order of what they do there.

#[cfg(all(not(loom), feature = "keyed"))]
mod lock_free;
#[cfg(all(loom, feature = "keyed"))]
mod map;

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, fence};
#[cfg(loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock};
#[cfg(all(loom, feature = "health"))]
pub(crate) use loom::thread;
#[cfg(all(not(loom), feature = "keyed"))]
pub(crate) use std::sync::atomic::fence;
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
#[cfg(not(loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, OnceLock as StaticOnceLock, RwLock};
#[cfg(all(not(loom), feature = "health"))]
pub(crate) use std::thread;

#[cfg(all(not(loom), feature = "keyed"))]
pub(crate) use self::lock_free::LockFreeMap;
#[cfg(all(loom, feature = "keyed"))]
pub(crate) use self::map::LockFreeMap;

/// Runs a test in every order of its threads' steps, with so many switches at most where a thread could have gone
/// on. Three show nearly every fault, and take seconds; `LOOM_MAX_PREEMPTIONS` asks for more.
#[cfg(all(test, loom))]
pub(crate) fn in_every_order(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound.get_or_insert(3);
    model.check(test);
}

/// Polls until it is ready, and sleeps in between. Whoever is never woken is a deadlock, which the checker reports.
#[cfg(all(test, loom))]
pub(crate) fn wait<T>(mut poll: impl FnMut(&mut std::task::Context<'_>) -> std::task::Poll<T>) -> T {
    struct Bell(loom::sync::Notify);

    impl std::task::Wake for Bell {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.notify();
        }
    }

    let bell = std::sync::Arc::new(Bell(loom::sync::Notify::new()));
    let waker = std::task::Waker::from(std::sync::Arc::clone(&bell));
    loop {
        if let std::task::Poll::Ready(value) = poll(&mut std::task::Context::from_waker(&waker)) {
            return value;
        }
        bell.0.wait();
    }
}

/// The checker has none of its own. This one makes known to it that whoever sees the value sees all that was done
/// before.
#[cfg(loom)]
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    value: std::sync::OnceLock<T>,
    written: AtomicBool,
    writing: Mutex<()>,
}

#[cfg(loom)]
impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self { value: std::sync::OnceLock::new(), written: AtomicBool::new(false), writing: Mutex::new(()) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        if self.written.load(std::sync::atomic::Ordering::Acquire) { self.value.get() } else { None }
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let _writing = self.writing.lock();
        let value = self.value.get_or_init(make);
        self.written.store(true, std::sync::atomic::Ordering::Release);
        value
    }
}

#[cfg(loom)]
impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// One in a static: an empty one stands there again each time that the checker begins anew.
#[cfg(loom)]
#[derive(Debug)]
pub(crate) struct StaticOnceLock<T: 'static>(loom::lazy_static::Lazy<OnceLock<T>>);

#[cfg(loom)]
impl<T> StaticOnceLock<T> {
    pub(crate) const fn new() -> Self {
        Self(loom::lazy_static::Lazy { init: OnceLock::new, _p: std::marker::PhantomData })
    }

    pub(crate) fn get(&'static self) -> Option<&'static T> {
        self.0.get().get()
    }

    pub(crate) fn get_or_init(&'static self, make: impl FnOnce() -> T) -> &'static T {
        self.0.get().get_or_init(make)
    }
}
