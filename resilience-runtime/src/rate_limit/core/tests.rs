use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use proptest::prelude::*;
use tokio::task::LocalSet;

use super::super::line::tests::LOOKED_AT;
use super::*;
use crate::clock::tests::readings;

const MILLI: u64 = 1_000_000;

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Time passes, in milliseconds.
    Pass(u64),
    /// A call that doesn't wait, by its cost in halves.
    Try(u32),
    /// A call that waits for up to an hour.
    Join(u32),
    /// One of those who wait looks whether it is its turn.
    Look(usize),
    /// One of those who wait goes away, whether it was its turn or not.
    Leave(usize),
    /// Another rate, in calls a second.
    Rate(u32),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        3 => (0_u64..2_000).prop_map(Event::Pass),
        3 => (0_u32..9).prop_map(Event::Try),
        4 => (1_u32..9).prop_map(Event::Join),
        3 => (0_usize..8).prop_map(Event::Look),
        2 => (0_usize..8).prop_map(Event::Leave),
        1 => prop_oneof![Just(1_u32), Just(2), Just(3), Just(5), Just(10)].prop_map(Event::Rate),
    ];
    proptest::collection::vec(event, 1..60)
}

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Admission, Error>> + 'a>>;

fn look(waiting: &mut Waiting<'_>) -> Option<Admission> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match waiting.as_mut().poll(&mut context) {
        std::task::Poll::Ready(result) => Some(result.expect("it may wait for an hour")),
        std::task::Poll::Pending => None,
    }
}

fn paused(test: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(test());
}

fn core(burst: u32) -> Core {
    let hour = Duration::from_secs(3_600_000);
    Core::new("test".into(), RateLimitPolicy::new().rate(2).burst(burst).max_wait(hour))
}

fn asked() -> TooEarly {
    TooEarly { now: Instant::now() }
}

/// As a handle does.
fn take(core: &Core, cost: f64) -> Result<Admission, Error> {
    core.try_take(Instant::now(), cost).or_else(|asked| core.take(asked, cost))
}

/// No more than the burst and what the rates of the time between brought are let through between any two moments.
fn assert_bounded(admitted: &[(u64, u32)], rates: &[(u64, u32)], burst: u32) {
    // In halves of a call times 10⁹: a nanosecond at one call a second brings two.
    let brought = |until: u64| -> u128 {
        let ends = rates.iter().skip(1).map(|(at, _)| *at).chain([u64::MAX]);
        rates
            .iter()
            .zip(ends)
            .map(|((from, rate), end)| {
                u128::from(*rate) * 2 * u128::from(end.min(until).saturating_sub(*from))
            })
            .sum()
    };
    for (index, (from, _)) in admitted.iter().enumerate() {
        let mut costs = 0_u128;
        for (until, cost) in &admitted[index..] {
            costs += u128::from(*cost) * 1_000_000_000;
            let room = brought(*until) - brought(*from) + u128::from(burst) * 2_000_000_000;
            assert!(costs <= room, "{from} to {until}: {costs} and not {room}; {admitted:?}");
        }
    }
}

/// The same in another way: a level that rises, and a plain list of those who wait. In halves of a call times 1,000,
/// of which a millisecond at one call a second brings two.
struct Model {
    level: u64,
    full: u64,
    rate: u64,
    waiting: Vec<(u64, u64)>,
}

impl Model {
    fn cost(halves: u32) -> u64 {
        u64::from(halves) * 1_000
    }

    fn pass(&mut self, millis: u64) {
        self.level = (self.level + millis * self.rate * 2).min(self.full);
    }

    fn turns(&mut self) -> Vec<u64> {
        let mut turns = Vec::new();
        while let Some((number, cost)) = self.waiting.first().copied() {
            if cost > self.level {
                break;
            }
            self.level -= cost;
            self.waiting.remove(0);
            turns.push(number);
        }
        turns
    }

    /// How long a call would have to wait.
    fn wait(&self, halves: u32) -> Duration {
        let ahead: u64 = self.waiting.iter().map(|(_, cost)| cost).sum();
        let missing = (ahead + Self::cost(halves)).saturating_sub(self.level);
        Duration::from_nanos((missing * MILLI).div_ceil(self.rate * 2))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn never_more_than_the_rate_and_the_burst(events in events(), burst in 4_u32..9) {
        paused(async || {
            let core = core(burst);
            let start = Instant::now().to_bits();
            let mut waiting: Vec<(u32, Waiting<'_>)> = Vec::new();
            let (mut admitted, mut rates) = (Vec::new(), vec![(start, 2)]);
            let halves = |cost: u32| f64::from(cost) / 2.0;
            for event in events {
                let looked = match event {
                    Event::Pass(millis) => {
                        tokio::time::advance(Duration::from_millis(millis)).await;
                        None
                    }
                    Event::Try(cost) => {
                        let tried = take(&core, halves(cost)).ok();
                        tried.map(|admission| (cost, admission))
                    }
                    Event::Join(cost) => {
                        let mut call: Waiting<'_> = Box::pin(core.wait_async(asked(), halves(cost)));
                        let turn = look(&mut call);
                        if turn.is_none() {
                            waiting.push((cost, call));
                        }
                        turn.map(|admission| (cost, admission))
                    }
                    Event::Look(index) => {
                        let looked = waiting.get_mut(index).and_then(|(cost, call)| Some((*cost, look(call)?)));
                        if looked.is_some() {
                            drop(waiting.remove(index));
                        }
                        looked
                    }
                    Event::Leave(index) => {
                        if index < waiting.len() {
                            drop(waiting.remove(index));
                        }
                        None
                    }
                    Event::Rate(rate) => {
                        core.set_rate(f64::from(rate)).expect("a rate that works");
                        rates.push((Instant::now().to_bits(), rate));
                        None
                    }
                };
                admitted.extend(looked.map(|(cost, admission)| (admission.at.to_bits(), cost)));
            }
            admitted.sort_unstable();
            assert_bounded(&admitted, &rates, burst);
            // And nothing is lost: once all have gone and the time has passed, the bucket is full.
            waiting.clear();
            tokio::time::advance(Duration::from_secs(u64::from(burst))).await;
            let metrics = core.metrics();
            assert!((metrics.available - f64::from(burst)).abs() < 1e-9, "{metrics:?}");
            assert_eq!(metrics.queued, 0);
        });
    }

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
    fn every_call_is_told_what_the_model_says(events in events(), burst in 4_u32..9) {
        paused(async || {
            let core = core(burst);
            let full = Model::cost(burst * 2);
            let mut model = Model { level: full, full, rate: 2, waiting: Vec::new() };
            let mut waiting: Vec<(u64, Waiting<'_>)> = Vec::new();
            let halves = |cost: u32| f64::from(cost) / 2.0;
            for (number, event) in (0..).zip(events) {
                match event {
                    Event::Pass(millis) => {
                        model.pass(millis);
                        tokio::time::advance(Duration::from_millis(millis)).await;
                    }
                    Event::Try(cost) => {
                        let expected = model.wait(cost);
                        let tried = take(&core, halves(cost));
                        let told = tried.map(|_| Duration::ZERO).or_else(|refused| refused.retry_after().ok_or(()));
                        if expected.is_zero() {
                            model.level -= Model::cost(cost);
                        }
                        assert_eq!(told, Ok(expected), "{event:?}");
                    }
                    Event::Join(cost) => {
                        model.waiting.push((number, Model::cost(cost)));
                        waiting.push((number, Box::pin(core.wait_async(asked(), halves(cost)))));
                    }
                    // Only those who wait: what was granted is claimed at once below.
                    Event::Leave(index) if index < waiting.len() => {
                        let (number, _) = waiting.remove(index);
                        model.waiting.retain(|(other, _)| *other != number);
                    }
                    Event::Rate(rate) => {
                        model.rate = rate.into();
                        core.set_rate(f64::from(rate)).expect("a rate that works");
                    }
                    Event::Leave(_) | Event::Look(_) => {}
                }
                let expected = model.turns();
                let mut turns = Vec::new();
                waiting.retain_mut(|(number, call)| {
                    let turn = look(call).is_some();
                    turns.extend(turn.then_some(*number));
                    !turn
                });
                assert_eq!(turns, expected, "{event:?}");
                let metrics = core.metrics();
                assert_eq!(metrics.queued as usize, model.waiting.len());
                if model.waiting.is_empty() {
                    let left = f64::from(u32::try_from(model.level).expect("a small level")) / 2_000.0;
                    assert!((metrics.available - left).abs() < 1e-9, "{event:?}: {metrics:?} and not {left}");
                }
            }
        });
    }
}

#[test]
fn a_call_reads_the_clock_once_and_under_the_lock_once_more() {
    let core = core(2);
    // The first reading of a process looks for the clock's origin.
    let _ = asked();
    assert_eq!(readings(|| take(&core, 1.0).expect("two calls are left")), 1);
    assert_eq!(readings(|| take(&core, 2.0).expect_err("one call is left")), 1);
    // The lock may have been waited for.
    core.word.fetch_or(LOCKED, Ordering::AcqRel);
    assert_eq!(readings(|| take(&core, 1.0).expect("one call is left")), 2);
    core.word.fetch_or(LOCKED, Ordering::AcqRel);
    assert_eq!(readings(|| take(&core, 1.0).expect_err("an empty bucket")), 2);
}

#[test]
fn the_base_moves_on_and_nothing_else_does() {
    // A rate so odd that the base holds for a few milliseconds only.
    let core = Core::new("test".into(), RateLimitPolicy::new().rate(999_999_937).burst(3));
    paused(async || {
        for _ in 0..100 {
            assert!(take(&core, 3.0).is_ok());
            assert!(take(&core, 3.0).is_err());
            tokio::time::advance(Duration::from_millis(7)).await;
        }
        let metrics = core.metrics();
        assert_eq!((metrics.allowed, metrics.rejected), (100, 100));
    });
}

#[test]
fn another_clock_begins_anew() {
    let core = core(4);
    paused(async || {
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert!(take(&core, 4.0).is_ok());
        assert!(take(&core, 1.0).is_err());
    });
    // Back in real time.
    assert!(take(&core, 4.0).is_ok());
    assert!(take(&core, 4.0).is_err());
}

#[test]
fn another_clock_begins_anew_where_it_has_only_been_read_without_the_lock() {
    let core = core(4);
    let latest = |core: &Core| core.lock().latest;
    assert!(core.metrics().available > 3.0);
    let seen = latest(&core);
    paused(async || {
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert!(take(&core, 4.0).is_ok());
        assert!(take(&core, 1.0).is_err());
    });
    assert_eq!(latest(&core), seen);
    assert!(take(&core, 4.0).is_ok());
    assert!(take(&core, 4.0).is_err());
}

#[test]
fn what_is_taken_by_a_clock_that_stands_still_is_not_another_clocks() {
    let second = Duration::from_secs(1);
    let core = Core::new("test".into(), RateLimitPolicy::new().rate(1).max_wait(60 * second));
    paused(async || {
        assert!(take(&core, 1.0).is_ok());
        for _ in 0..4 {
            // A blocked thread waits by another clock than its runtime's.
            let Ok(Asked::Waiting(mut line)) = core.ask(1.0, true) else { panic!("it has to wait") };
            let Turn::Wait(until) = line.turn(None) else { panic!("it has to wait") };
            assert!(matches!(line.turn(Some(until)), Turn::Allowed(_)));
        }
    });
}

#[test]
fn what_is_owed_to_a_smaller_bucket_is_not_another_clocks() {
    let core = core(10);
    paused(async || {
        assert!(take(&core, 10.0).is_ok());
        core.set_policy(core.policy().burst(1));
        for _ in 0..3 {
            let refused = take(&core, 1.0).expect_err("nine calls too many have been let through");
            assert!(refused.retry_after() > Some(Duration::from_secs(4)), "{refused:?}");
        }
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(take(&core, 1.0).is_ok() && take(&core, 1.0).is_err());
    });
}

#[test]
fn a_blocking_wait_ends_although_the_runtimes_clock_stands_still() {
    paused(async || {
        let policy =
            RateLimitPolicy::new().rate(1).per(Duration::from_millis(1)).max_wait(Duration::from_secs(1));
        let core = Core::new("test".into(), policy);
        for _ in 0..3 {
            assert!(core.wait(asked(), 1.0).is_ok());
        }
    });
}

#[test]
fn a_waiter_is_let_through_by_other_settings() {
    let day = Duration::from_secs(86_400);
    let policy = RateLimitPolicy::new().rate(1).per(100 * day).max_wait(900 * day);
    let core = Core::new("test".into(), policy);
    assert!(take(&core, 1.0).is_ok());
    let Ok(Asked::Waiting(mut line)) = core.ask(1.0, true) else { panic!("it may wait") };
    assert!(matches!(line.turn(None), Turn::Wait(_)));
    core.set_policy(policy.burst(2));
    assert!(matches!(line.turn(None), Turn::Allowed(_)));
}

#[test]
#[cfg_attr(miri, ignore = "more turns of the runtime than it has time for")]
fn a_long_line_keeps_its_order_when_the_rate_changes_and_nobody_searches_it_all() {
    const LONG: usize = 10_000;
    let looked_at = || LOOKED_AT.with(Cell::get);
    paused(async || {
        let core = Arc::new(core(1));
        let turns = Rc::new(RefCell::new(Vec::new()));
        let line = LocalSet::new();
        for number in 0..=LONG {
            let (core, turns) = (Arc::clone(&core), Rc::clone(&turns));
            line.spawn_local(async move {
                core.wait_async(asked(), 1.0).await.expect("it may wait for long");
                turns.borrow_mut().push(number);
            });
        }
        let changes = async {
            for rate in [3.0, 1.0, 10.0] {
                tokio::time::sleep(Duration::from_secs(1)).await;
                core.set_rate(rate).expect("a rate that works");
            }
        };
        line.run_until(changes).await;
        line.await;
        assert_eq!(*turns.borrow(), (0..=LONG).collect::<Vec<_>>());
    });
    // Each looks a few times, by halves.
    assert!(looked_at() < 200 * LONG, "{}", looked_at());
}
