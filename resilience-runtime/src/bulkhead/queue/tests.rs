use super::*;

fn poll(place: &mut Place<'_>) -> bool {
    place.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

fn wait(queue: &Queue) -> Place<'_> {
    match queue.enqueue(usize::MAX) {
        Enqueued::Waiting(place) => place,
        _ => panic!("a slot was free"),
    }
}

#[test]
fn slots_go_to_the_waiting_in_the_order_of_arrival() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    let (mut first, mut second) = (wait(&queue), wait(&queue));
    queue.release();
    assert!(!poll(&mut second) && poll(&mut first));
    assert!(!queue.try_acquire(), "nobody overtakes");
    queue.release();
    assert!(poll(&mut second));
    queue.release();
    assert_eq!((queue.free(), queue.figures().waiting), (1, 0));
}

#[test]
fn a_waiter_that_goes_away_loses_no_slot() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    let (first, mut second) = (wait(&queue), wait(&queue));
    queue.release();
    drop(first); // it was handed the slot
    assert!(poll(&mut second));
    let third = wait(&queue);
    drop(third); // it was not
    queue.release();
    assert_eq!((queue.free(), queue.figures().waiting), (1, 0));
    assert!(queue.try_acquire());
}

#[test]
fn the_line_is_as_long_as_it_may_be() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    let place = wait(&queue);
    assert!(matches!(queue.enqueue(1), Enqueued::Full));
    assert!(!place.leave(Instant::now()));
    assert!(matches!(queue.enqueue(1), Enqueued::Waiting(_)));
}

/// Settings that an attribute works out may come to this, unchecked.
#[test]
fn a_line_of_no_length_leaves_no_trace() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    assert!(matches!(queue.enqueue(0), Enqueued::Full));
    queue.release();
    assert!(queue.try_acquire(), "nobody is in line");
    queue.release();
    assert!(matches!(queue.enqueue(0), Enqueued::Granted));
}

#[test]
fn every_slot_comes_back_when_threads_crowd_it() {
    let turns = if cfg!(miri) { 50 } else { 2_000 };
    let queue = Queue::new(2);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let queue = &queue;
            scope.spawn(move || {
                for turn in 0..turns {
                    if queue.try_acquire() {
                        queue.release();
                        continue;
                    }
                    match queue.enqueue(usize::MAX) {
                        Enqueued::Granted => queue.release(),
                        Enqueued::Waiting(place) if (turn + thread) % 3 == 0 => drop(place),
                        Enqueued::Waiting(mut place) => {
                            while !poll(&mut place) {
                                std::thread::yield_now();
                            }
                            queue.release();
                        }
                        Enqueued::Full => unreachable!("the line has no bound"),
                    }
                }
            });
        }
    });
    assert_eq!((queue.free(), queue.figures().waiting), (2, 0));
}

fn later(from: Instant) -> Instant {
    from.after(COMES_WITHIN)
}

#[test]
fn a_slot_that_is_handed_over_as_the_wait_ends_is_not_lost() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    let place = wait(&queue);
    queue.release();
    assert!(place.leave(Instant::now()), "it has the slot");
    assert_eq!((queue.free(), queue.figures().active, queue.figures().callers), (0, 1, 2));
    queue.release();
    assert_eq!((queue.free(), queue.figures().active), (1, 0));
}

#[test]
fn a_slot_whose_waiter_does_not_come_goes_to_one_whose_time_is_over() {
    let queue = Queue::new(1);
    assert!(queue.try_acquire());
    let (mut absent, early, late) = (wait(&queue), wait(&queue), wait(&queue));
    queue.release();
    let now = Instant::now();
    assert!(!early.leave(now), "the first one may still come");
    assert!(late.leave(later(now)));
    assert_eq!((queue.free(), queue.figures().active, queue.figures().callers), (0, 1, 2));
    // Polled again, the first one goes on in front of the line.
    let mut last = wait(&queue);
    assert!(!poll(&mut absent));
    queue.release();
    assert!(!poll(&mut last) && poll(&mut absent));
    queue.release();
    assert!(poll(&mut last));
    queue.release();
    assert_eq!((queue.free(), queue.figures().waiting, queue.figures().callers), (1, 0, 4));
}

#[test]
fn a_waiter_that_was_passed_over_takes_a_free_slot_or_leaves_nothing_behind() {
    let queue = Queue::new(1);
    for is_dropped in [true, false] {
        assert!(queue.try_acquire());
        let (mut absent, late) = (wait(&queue), wait(&queue));
        queue.release();
        assert!(late.leave(later(Instant::now())));
        if is_dropped {
            drop(absent);
        } else {
            queue.release();
            assert!(poll(&mut absent), "the slot is free");
        }
        queue.release();
        assert_eq!((queue.free(), queue.figures().active, queue.figures().waiting), (1, 0, 0));
    }
}
