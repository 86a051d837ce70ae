//! The queue between threads, in every order: slots are neither lost nor doubled, and whoever waits is woken.

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::*;
use crate::sync::{self, in_every_order};

/// A queue whose slots are all taken. It is left behind, so that places in its line can go between threads.
fn full(slots: u32) -> &'static Queue {
    let queue = Box::leak(Box::new(Queue::new(slots)));
    (0..slots).for_each(|_| assert!(queue.try_acquire()));
    queue
}

fn wait(queue: &'static Queue) -> Place<'static> {
    match queue.enqueue(usize::MAX) {
        Enqueued::Waiting(place) => place,
        _ => panic!("a slot was free"),
    }
}

/// Waits in line for a slot as a caller does.
fn take(queue: &'static Queue) {
    if queue.try_acquire() {
        return;
    }
    if let Enqueued::Waiting(place) = queue.enqueue(usize::MAX) {
        sleep(place);
    }
}

fn sleep(mut place: Place<'_>) {
    sync::wait(|cx| place.poll(cx));
}

fn ready(place: &mut Place<'_>) -> bool {
    place.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn assert_whole(queue: &Queue, slots: u32) {
    assert_eq!((queue.free(), queue.figures().waiting), (slots, 0));
    assert_eq!(queue.state.load(Ordering::Relaxed) & SLOWLY, 0, "slots are said to have takers");
}

#[test]
fn a_waiter_is_woken_however_it_meets_the_release() {
    in_every_order(|| {
        let queue = full(1);
        let releaser = thread::spawn(|| queue.release());
        take(queue);
        queue.release();
        releaser.join().expect("no panic");
        assert_whole(queue, 1);
    });
}

#[test]
fn a_waiter_that_comes_back_with_another_waker_is_woken_by_that() {
    in_every_order(|| {
        let queue = full(1);
        let mut place = wait(queue);
        let releaser = thread::spawn(|| queue.release());
        if !ready(&mut place) {
            sleep(place);
        }
        queue.release();
        releaser.join().expect("no panic");
        assert_whole(queue, 1);
    });
}

#[test]
fn a_waiter_that_leaves_while_it_is_handed_the_slot_passes_it_on() {
    in_every_order(|| {
        let queue = full(1);
        let (first, second) = (wait(queue), wait(queue));
        let releaser = thread::spawn(|| queue.release());
        let leaver = thread::spawn(|| drop(first));
        sleep(second);
        queue.release();
        releaser.join().expect("no panic");
        leaver.join().expect("no panic");
        assert_whole(queue, 1);
    });
}

#[test]
fn the_last_waiter_that_leaves_while_it_is_handed_the_slot_gives_it_back() {
    in_every_order(|| {
        let queue = full(1);
        let place = wait(queue);
        let releaser = thread::spawn(|| queue.release());
        // Out of time: if the slot came at the last moment it is the caller's.
        if place.leave(Instant::now()) {
            queue.release();
        }
        releaser.join().expect("no panic");
        assert_whole(queue, 1);
        assert!(queue.try_acquire());
    });
}

#[test]
fn two_slots_that_come_free_at_once_wake_two() {
    in_every_order(|| {
        let queue = full(2);
        let (first, second) = (wait(queue), wait(queue));
        let releasers = [thread::spawn(|| queue.release()), thread::spawn(|| queue.release())];
        sleep(first);
        sleep(second);
        for thread in releasers {
            thread.join().expect("no panic");
        }
        queue.release();
        queue.release();
        assert_whole(queue, 2);
    });
}

#[test]
fn one_slot_is_never_held_twice() {
    in_every_order(|| {
        let queue: &'static Queue = Box::leak(Box::new(Queue::new(1)));
        let holders = Arc::new(AtomicUsize::new(0));
        let threads = [(); 2].map(|()| {
            let holders = Arc::clone(&holders);
            thread::spawn(move || {
                take(queue);
                assert_eq!(holders.fetch_add(1, Ordering::Relaxed), 0);
                holders.fetch_sub(1, Ordering::Relaxed);
                queue.release();
            })
        });
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert_whole(queue, 1);
    });
}

#[test]
fn a_queue_that_shrinks_while_a_slot_is_taken_and_given_back_has_the_new_size() {
    in_every_order(|| {
        let queue: &'static Queue = Box::leak(Box::new(Queue::new(2)));
        assert!(queue.try_acquire());
        let releaser = thread::spawn(|| queue.release());
        let shrinker = thread::spawn(|| queue.resize(1).wake());
        let taken = queue.try_acquire();
        releaser.join().expect("no panic");
        shrinker.join().expect("no panic");
        if taken {
            queue.release();
        }
        assert_whole(queue, 1);
    });
}

#[test]
fn a_queue_that_grows_wakes_its_waiter_and_loses_no_slot_to_one_that_leaves() {
    in_every_order(|| {
        let queue = full(1);
        let (first, second) = (wait(queue), wait(queue));
        let grower = thread::spawn(|| queue.resize(2).wake());
        let leaver = thread::spawn(|| drop(first));
        sleep(second);
        queue.release();
        queue.release();
        grower.join().expect("no panic");
        leaver.join().expect("no panic");
        assert_whole(queue, 2);
    });
}

#[test]
fn a_waiter_gets_the_slot_of_a_queue_that_shrinks_and_grows_again() {
    in_every_order(|| {
        let queue = full(2);
        let releaser = thread::spawn(|| queue.release());
        let resizer = thread::spawn(|| {
            queue.resize(1).wake();
            queue.resize(2).wake();
        });
        take(queue);
        queue.release();
        releaser.join().expect("no panic");
        resizer.join().expect("no panic");
        queue.release();
        assert_whole(queue, 2);
    });
}

#[test]
fn a_caller_is_counted_once_whatever_else_goes_on() {
    in_every_order(|| {
        let queue: &'static Queue = Box::leak(Box::new(Queue::new(2)));
        // The next one fills the word.
        queue.state.fetch_add(SLOWLY - CALLER, Ordering::Relaxed);
        let before = queue.figures().callers;
        let callers = [(); 2].map(|()| {
            thread::spawn(|| {
                assert!(queue.try_acquire() || queue.try_acquire_slowly());
                queue.release();
            })
        });
        let seen = queue.figures().callers;
        assert!((before..=before + 2).contains(&seen));
        for caller in callers {
            caller.join().expect("no panic");
        }
        assert_eq!(queue.figures().callers, before + 2);
        assert_whole(queue, 2);
    });
}

#[test]
fn somebody_who_begins_to_watch_delays_no_slot() {
    in_every_order(|| {
        let queue = full(1);
        let watcher = thread::spawn(|| {
            queue.watch(true);
            queue.watch(false);
        });
        let releaser = thread::spawn(|| queue.release());
        take(queue);
        queue.release();
        watcher.join().expect("no panic");
        releaser.join().expect("no panic");
        assert_whole(queue, 1);
    });
}
