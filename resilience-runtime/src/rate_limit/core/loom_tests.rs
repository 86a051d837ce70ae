//! The word and the line between threads, in every order: what the bucket holds is taken once, and whoever waits is
//! called. The rate is so low that no time passes.

use loom::thread;

use super::*;
use crate::sync::{self, AtomicUsize, in_every_order};

const POLICY: RateLimitPolicy = RateLimitPolicy::new()
    .rate(1)
    .per(Duration::from_secs(100 * 86_400))
    .max_wait(Duration::from_secs(900 * 86_400));

/// It is left behind, so that places in its line can go between threads.
fn core(burst: u32) -> &'static Core {
    Box::leak(Box::new(Core::new("test".into(), POLICY.burst(burst))))
}

fn try_take(core: &Core) -> bool {
    core.try_take(Instant::now(), 1.0).or_else(|asked| core.take(asked, 1.0)).is_ok()
}

fn join(core: &'static Core) -> InLine<'static> {
    match core.ask(1.0, true) {
        Ok(Asked::Waiting(line)) => line,
        _ => panic!("the bucket is empty, and the call may wait"),
    }
}

fn assert_holds(core: &Core, calls: f64) {
    let metrics = core.metrics();
    assert!((metrics.available - calls).abs() < 1.0e-3, "{metrics:?}");
    assert_eq!(metrics.queued, 0);
}

/// Waits for its turn without any clock.
fn wait(mut line: InLine<'_>) {
    while let Turn::Wait(_) = line.turn(None) {
        sync::wait(|cx| line.waiter.poll(cx));
    }
}

#[test]
fn what_the_bucket_holds_is_taken_once() {
    in_every_order(|| {
        let core = core(1);
        let other = thread::spawn(|| try_take(core));
        let ours = try_take(core);
        assert!(ours ^ other.join().expect("no panic"));
        assert_holds(core, 0.0);
        assert_eq!((core.metrics().allowed, core.metrics().rejected), (1, 1));
    });
}

#[test]
fn a_call_that_meets_a_change_is_let_through_by_the_old_settings_or_by_the_new() {
    in_every_order(|| {
        let core = core(2);
        let change = thread::spawn(|| core.set_policy(POLICY.per(Duration::from_secs(50 * 86_400)).burst(3)));
        assert!(try_take(core));
        change.join().expect("no panic");
        assert_holds(core, 2.0);
    });
}

#[test]
fn a_refusal_that_meets_a_change_tells_the_wait_by_the_old_settings_or_by_the_new() {
    const DAY: Duration = Duration::from_secs(86_400);
    in_every_order(|| {
        let core = core(2);
        assert!(try_take(core) && try_take(core));
        let change = thread::spawn(|| core.set_policy(POLICY.burst(2).per(150 * DAY)));
        let asked = TooEarly { now: Instant::now() };
        let wait = core.take(asked, 1.0).expect_err("nothing is left").retry_after().expect("not for ever");
        let within = |days: u32| (days * DAY).abs_diff(wait) < DAY;
        assert!(within(100) || within(150), "{wait:?}");
        change.join().expect("no panic");
    });
}

#[test]
fn a_waiter_is_called_however_it_meets_the_change_that_lets_it_through() {
    in_every_order(|| {
        let core = core(1);
        assert!(try_take(core));
        let line = join(core);
        let change = thread::spawn(|| core.set_policy(POLICY.burst(2)));
        wait(line);
        change.join().expect("no panic");
        assert_holds(core, 0.0);
    });
}

#[test]
fn a_waiter_that_leaves_while_it_is_let_through_gives_its_turn_to_the_next() {
    in_every_order(|| {
        let core = core(1);
        assert!(try_take(core));
        let (first, second) = (join(core), join(core));
        let change = thread::spawn(|| core.set_policy(POLICY.burst(2)));
        let leaver = thread::spawn(|| drop(first));
        wait(second);
        change.join().expect("no panic");
        leaver.join().expect("no panic");
        assert_holds(core, 0.0);
    });
}

#[test]
fn the_last_waiter_that_leaves_while_it_is_let_through_gives_its_turn_back() {
    in_every_order(|| {
        let core = core(1);
        assert!(try_take(core));
        let line = join(core);
        let change = thread::spawn(|| core.set_policy(POLICY.burst(2)));
        drop(line);
        change.join().expect("no panic");
        assert_holds(core, 1.0);
        assert!(try_take(core));
    });
}

#[test]
fn somebody_who_begins_to_listen_is_told_although_somebody_else_stops() {
    in_every_order(|| {
        let core = core(1);
        let former = core.subscribe(Box::new(|_| {}));
        let leaver = thread::spawn(move || core.unsubscribe(&former));
        let heard = Arc::new(AtomicUsize::new(0));
        let listener = Arc::clone(&heard);
        core.subscribe(Box::new(move |_| {
            listener.fetch_add(1, Ordering::Relaxed);
        }));
        leaver.join().expect("no panic");
        assert!(try_take(core));
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    });
}
