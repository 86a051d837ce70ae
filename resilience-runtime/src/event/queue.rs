//! The queue of one listener.

use std::collections::VecDeque;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};

/// Items in the order in which they were pushed, handled by one thread at a time: the first one that drains.
///
/// The others leave their items in the queue and go on, and so does a handler that pushes by itself.
#[derive(Debug)]
pub(crate) struct Queue<T>(Mutex<Waiting<T>>);

#[derive(Debug)]
struct Waiting<T> {
    items: VecDeque<T>,
    is_drained: bool,
    is_closed: bool,
    lost: u64,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Waiting { items: VecDeque::new(), is_drained: false, is_closed: false, lost: 0 }))
    }

    /// Adds an item. If `most` are waiting, the oldest one gives way: a listener that comes back from a long wait gets
    /// the latest state. Returns what is to be dropped, once no lock is held.
    pub(crate) fn push(&self, item: T, most: usize) -> Option<T> {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Some(item);
        }
        let is_full = waiting.items.len() >= most;
        let oldest = is_full.then(|| waiting.items.pop_front()).flatten();
        waiting.lost += u64::from(is_full);
        waiting.items.push_back(item);
        oldest
    }

    /// Handles all items that are waiting, unless another thread, or the handler itself, is draining already.
    pub(crate) fn drain(&self, mut handle: impl FnMut(T)) {
        let mut waiting = self.lock();
        if std::mem::replace(&mut waiting.is_drained, true) {
            return;
        }
        let unwinding = Draining(self);
        while let Some(item) = waiting.items.pop_front() {
            drop(waiting);
            handle(item);
            waiting = self.lock();
        }
        // Under the lock that found the queue empty: an item that is pushed from here on is its own thread's.
        waiting.is_drained = false;
        drop(waiting);
        std::mem::forget(unwinding);
    }

    /// Drops what is waiting, and takes nothing more.
    pub(crate) fn close(&self) {
        let mut waiting = self.lock();
        waiting.is_closed = true;
        let items = std::mem::take(&mut waiting.items);
        drop(waiting);
        drop(items);
    }

    /// Counts items that were dropped because the queue was full.
    pub(crate) fn lost(&self) -> u64 {
        self.lock().lost
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the next thread drain if the handler panics.
struct Draining<'a, T>(&'a Queue<T>);

impl<T> Drop for Draining<'_, T> {
    fn drop(&mut self) {
        self.0.lock().is_drained = false;
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use loom::thread;
    use std::sync::Arc;

    use super::*;
    use crate::sync::in_every_order;

    #[test]
    fn loom_items_of_two_threads_are_handled_in_order_and_none_is_left() {
        in_every_order(|| {
            // The lock orders the pushes, as the lock of a breaker does.
            let (order, queue) = (Arc::new(Mutex::new(0)), Arc::new(Queue::new()));
            let handled = Arc::new(Mutex::new(Vec::new()));
            let emit = {
                let (order, queue, handled) = (Arc::clone(&order), Arc::clone(&queue), Arc::clone(&handled));
                move || {
                    let mut number = order.lock().unwrap();
                    *number += 1;
                    queue.push(*number, 8);
                    drop(number);
                    queue.drain(|item| handled.lock().unwrap().push(item));
                }
            };
            let other = thread::spawn(emit.clone());
            emit();
            other.join().unwrap();
            assert_eq!(*handled.lock().unwrap(), [1, 2]);
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn drained<T>(queue: &Queue<T>) -> Vec<T> {
        let mut items = Vec::new();
        queue.drain(|item| items.push(item));
        items
    }

    #[test]
    fn a_full_queue_keeps_the_latest_items_and_counts_the_others() {
        let queue = Queue::new();
        let dropped: Vec<_> = (0..5).map(|item| queue.push(item, 3)).collect();
        assert_eq!(dropped, [None, None, None, Some(0), Some(1)]);
        assert_eq!((drained(&queue), queue.lost()), (vec![2, 3, 4], 2));
    }

    #[test]
    fn a_push_by_the_handler_waits_behind_the_others() {
        let (queue, handled) = (Queue::new(), RefCell::new(Vec::new()));
        for item in [1, 2] {
            queue.push(item, 8);
        }
        queue.drain(|item| {
            handled.borrow_mut().push(item);
            if item == 1 {
                queue.push(3, 8);
                queue.drain(|_| unreachable!("it is drained already"));
            }
        });
        assert_eq!(*handled.borrow(), [1, 2, 3]);
    }

    #[test]
    fn a_handler_that_panics_leaves_the_rest_to_the_next_drain() {
        let queue = Queue::new();
        for item in [1, 2] {
            queue.push(item, 8);
        }
        let panicked = catch_unwind(AssertUnwindSafe(|| queue.drain(|_| panic!("a handler"))));
        assert!(panicked.is_err());
        assert_eq!(drained(&queue), [2]);
    }

    #[test]
    fn a_closed_queue_drops_what_waits_and_takes_nothing_more() {
        let queue = Queue::new();
        queue.push(1, 8);
        queue.close();
        queue.push(2, 8);
        assert!(drained(&queue).is_empty());
    }
}
