//! A map that is read without a lock, also while a thread's destructors run.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;

use crate::thread_end::exists_for_thread;

/// The map of `papaya`.
///
/// It keeps data for each thread, which a destructor of the thread removes. In the destructors that run after that, an
/// owned guard is used, which needs nothing of the thread and costs a lock.
pub(crate) struct LockFreeMap<K, V>(papaya::HashMap<K, V>);

/// Uses the map by the thread's own guard, or by an owned one.
macro_rules! pinned {
    ($map:expr, |$entries:ident| $result:expr) => {
        if has_guard() {
            let $entries = $map.0.pin();
            $result
        } else {
            let $entries = $map.0.pin_owned();
            $result
        }
    };
}

exists_for_thread!(
    /// Returns false where the thread's own guard may be gone.
    has_guard(),
    // The map says by a panic that its data is gone.
    std::panic::catch_unwind(|| drop(papaya::HashMap::<u8, u8>::new().pin())).is_ok()
);

impl<K: Hash + Eq, V> LockFreeMap<K, V> {
    pub(crate) fn new() -> Self {
        Self(papaya::HashMap::new())
    }

    /// Returns what `read` makes of the value of a key.
    #[inline]
    pub(crate) fn get<Q: ?Sized + Hash + Eq, T>(&self, key: &Q, read: impl FnOnce(&V) -> T) -> Option<T>
    where
        K: Borrow<Q>,
    {
        if has_guard() { self.0.pin().get(key).map(read) } else { self.get_without_guard(key, read) }
    }

    #[cold]
    #[inline(never)]
    fn get_without_guard<Q: ?Sized + Hash + Eq, T>(&self, key: &Q, read: impl FnOnce(&V) -> T) -> Option<T>
    where
        K: Borrow<Q>,
    {
        self.0.pin_owned().get(key).map(read)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        pinned!(self, |entries| _ = entries.insert(key, value));
    }

    pub(crate) fn remove(&self, key: &K) {
        pinned!(self, |entries| _ = entries.remove(key));
    }

    /// Returns what `read` makes of each value.
    pub(crate) fn map<T>(&self, read: impl FnMut(&V) -> T) -> Vec<T> {
        pinned!(self, |entries| entries.values().map(read).collect())
    }

    pub(crate) fn len(&self) -> usize {
        pinned!(self, |entries| entries.len())
    }
}

impl<K, V> fmt::Debug for LockFreeMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockFreeMap")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ReadsAtTheEnd(std::sync::mpsc::Sender<Option<u32>>);

    impl Drop for ReadsAtTheEnd {
        fn drop(&mut self) {
            let map = LockFreeMap::new();
            map.insert(1, 2);
            let _ = self.0.send(map.get(&1, |value| *value));
        }
    }

    thread_local! {
        static AT_THE_END: std::cell::OnceCell<ReadsAtTheEnd> = const { std::cell::OnceCell::new() };
    }

    #[test]
    fn map_works_where_other_code_used_the_guard_of_the_thread_first() {
        let (sender, read) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(|| {
            // Registered first, this destructor runs last.
            AT_THE_END.with(|at_the_end| _ = at_the_end.set(ReadsAtTheEnd(sender)));
            drop(papaya::HashMap::<u8, u8>::new().pin());
        });
        thread.join().unwrap();
        assert_eq!(read.recv(), Ok(Some(2)));
    }
}
