//! Threads that crowd one breaker, or one bulkhead, while somebody steers it: every call is counted once, every
//! place comes back, and nothing is left behind.

#![cfg(feature = "tokio")]

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use resilience_runtime::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, CircuitState, Error, Pipeline,
    RateLimitPolicy, RateLimiter, RetryBudget, RetryBudgetPolicy, RetryPolicy, Window, catalog,
    get_circuit_breaker, get_retry_budget,
};

const THREADS: u64 = 4;
const CALLS: u64 = 20_000;
const PLACES: u32 = 3;

/// How long a circuit stays open here: the failures say so. The reset timeout, and with it a trial's lease, is an
/// hour, so that a place that is lost stays lost, and is missed.
const REST: Duration = Duration::from_micros(20);

const CONSECUTIVE: CircuitBreakerPolicy = CircuitBreakerPolicy::new()
    .failure_threshold(4)
    .reset_timeout(Duration::from_secs(3600))
    .half_open_max_calls(PLACES);
const LAST_CALLS: CircuitBreakerPolicy = CONSECUTIVE.failure_rate(0.4).window(Window::Calls(20)).min_calls(5);
const RECENT_CALLS: CircuitBreakerPolicy =
    CONSECUTIVE.failure_rate(0.4).window(Window::Time(Duration::from_millis(1))).min_calls(5);
const SLOW_CALLS: CircuitBreakerPolicy = LAST_CALLS.slow_call(Duration::from_micros(1)).slow_rate(0.9);

/// Small, good enough to mix things up, and the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[derive(Default)]
struct Count {
    admitted: u64,
    refused: u64,
    success: u64,
    failure: u64,
    ignored: u64,
    cancelled: u64,
}

fn calls(breaker: &CircuitBreaker, seed: u64) -> Count {
    let (mut dice, mut count) = (Dice(seed), Count::default());
    for _ in 0..CALLS {
        let Ok(permit) = breaker.try_acquire() else {
            count.refused += 1;
            thread::yield_now();
            continue;
        };
        count.admitted += 1;
        match dice.roll(12) {
            0..=5 => {
                permit.success();
                count.success += 1;
            }
            6..=7 => {
                permit.failure_with_hint(REST);
                count.failure += 1;
            }
            8 => {
                // Unwinds as a panic does, without a message on the screen.
                let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _permit = permit;
                    std::panic::resume_unwind(Box::new(()));
                }));
                assert!(panicked.is_err());
                count.failure += 1;
                end_long_rest(breaker);
            }
            9 => {
                permit.ignore();
                count.ignored += 1;
            }
            _ => {
                drop(permit);
                count.cancelled += 1;
            }
        }
    }
    count
}

/// A panic has no hint to give, and may have opened the circuit for an hour; and what was opened by hand stays so.
fn end_long_rest(breaker: &CircuitBreaker) {
    if breaker.state() == CircuitState::Open && breaker.time_until_reset().is_none_or(|left| left > REST) {
        breaker.reset();
    }
}

/// What an operator may do at any time, except for `disable`, which would stop the counting.
fn steer(breaker: &CircuitBreaker, over: &AtomicBool, policies: &[CircuitBreakerPolicy]) {
    let mut dice = Dice(7);
    while !over.load(Ordering::Relaxed) {
        match dice.roll(4) {
            0 => {
                let heard = AtomicU32::new(0);
                let listener = breaker.subscribe(move |_| {
                    heard.fetch_add(1, Ordering::Relaxed);
                });
                thread::yield_now();
                drop(listener);
            }
            1 => {
                breaker.force_open();
                breaker.reset();
            }
            2 => {
                let policy = policies[usize::try_from(dice.roll(64)).expect("small") % policies.len()];
                breaker.reconfigure(policy).expect("settings that work");
            }
            _ => assert!(breaker.metrics().state_changes.len() <= 32),
        }
        thread::sleep(Duration::from_micros(50));
    }
}

fn crowd(policies: &[CircuitBreakerPolicy]) {
    let breaker = CircuitBreaker::new("crowded", policies[0]).expect("settings that work");
    let over = AtomicBool::new(false);
    let total = thread::scope(|scope| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|seed| {
                scope.spawn({
                    let breaker = &breaker;
                    move || calls(breaker, seed)
                })
            })
            .collect();
        scope.spawn(|| steer(&breaker, &over, policies));
        let counts: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        over.store(true, Ordering::Relaxed);
        counts.into_iter().fold(Count::default(), |total, count| Count {
            admitted: total.admitted + count.admitted,
            refused: total.refused + count.refused,
            success: total.success + count.success,
            failure: total.failure + count.failure,
            ignored: total.ignored + count.ignored,
            cancelled: total.cancelled + count.cancelled,
        })
    });
    let metrics = breaker.metrics();
    assert_eq!(total.admitted + total.refused, THREADS * CALLS);
    assert_eq!(total.admitted, metrics.success + metrics.failure + metrics.ignored + total.cancelled);
    assert_eq!((metrics.success, metrics.failure), (total.success, total.failure));
    assert_eq!((metrics.ignored, metrics.rejected), (total.ignored, total.refused));
    every_place_is_back(&breaker);
}

/// Nobody is under way: a half-open circuit takes as many trials as it has places, no matter what came before.
fn every_place_is_back(breaker: &CircuitBreaker) {
    let enough = Instant::now() + Duration::from_secs(10);
    // On a busy machine a healthy trial is slow by chance.
    breaker.reconfigure(CONSECUTIVE).expect("settings that work");
    // A circuit that is half-open has to go on from there: with healthy trials it closes.
    end_long_rest(breaker);
    while breaker.state() != CircuitState::Closed {
        if let Ok(permit) = breaker.try_acquire() {
            permit.success();
        }
        assert!(Instant::now() < enough, "it can't close: {breaker:?}");
    }
    while breaker.state() == CircuitState::Closed {
        breaker.try_acquire().expect("closed").failure_with_hint(REST);
    }
    while breaker.state() == CircuitState::Open {
        thread::yield_now();
    }
    let trials: Vec<_> = (0..PLACES).map(|_| breaker.try_acquire().expect("a place")).collect();
    assert!(breaker.try_acquire().is_err());
    trials.into_iter().for_each(drop);
    assert!(breaker.try_acquire().is_ok());
}

#[test]
fn counts_add_up_and_places_come_back() {
    for policy in [CONSECUTIVE, LAST_CALLS, RECENT_CALLS, SLOW_CALLS] {
        crowd(&[policy]);
    }
}

#[test]
fn counts_add_up_while_the_settings_change() {
    crowd(&[CONSECUTIVE, LAST_CALLS, RECENT_CALLS, SLOW_CALLS]);
}

#[test]
fn a_crowded_bulkhead_gets_every_slot_back() {
    let patience = Duration::from_micros(50);
    let policy = BulkheadPolicy::new(3).max_wait(patience).max_queue(2);
    let bulkhead = Bulkhead::new("crowded", policy).expect("settings that work");
    let holders = AtomicU32::new(0);
    let refused: u64 = thread::scope(|scope| {
        let threads = [(); 6].map(|()| {
            scope.spawn(|| {
                let mut refused = 0;
                for _ in 0..2_000 {
                    let Ok(_slot) = bulkhead.acquire(patience) else {
                        refused += 1;
                        continue;
                    };
                    assert!(holders.fetch_add(1, Ordering::SeqCst) < 3);
                    thread::yield_now();
                    holders.fetch_sub(1, Ordering::SeqCst);
                }
                refused
            })
        });
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    let metrics = bulkhead.metrics();
    assert_eq!((metrics.active, metrics.queued, metrics.rejected), (0, 0, refused));
    assert_eq!(metrics.admitted, 6 * 2_000 - refused);
    assert_eq!(bulkhead.available_slots(), 3);
}

#[test]
fn a_crowded_bulkhead_that_is_resized_all_the_time_loses_no_slot_and_makes_none() {
    const CALLS: u64 = 2_000;
    let patience = Duration::from_millis(1);
    let bulkhead =
        Bulkhead::new("resized", BulkheadPolicy::new(4).max_wait(patience)).expect("settings that work");
    let (heard, holders) = (Arc::new(AtomicU64::new(0)), AtomicU32::new(0));
    let (refused, listened) = thread::scope(|scope| {
        let threads = [(); 4].map(|()| {
            scope.spawn(|| {
                let mut refused = 0;
                for _ in 0..CALLS {
                    let Ok(_slot) = bulkhead.acquire(patience) else {
                        refused += 1;
                        continue;
                    };
                    assert!(holders.fetch_add(1, Ordering::SeqCst) < 5);
                    thread::yield_now();
                    holders.fetch_sub(1, Ordering::SeqCst);
                }
                refused
            })
        });
        let listened = scope.spawn(|| {
            for size in (1..=5).cycle().take(1_000) {
                let sink = Arc::clone(&heard);
                let subscription = bulkhead.subscribe(move |_| _ = sink.fetch_add(1, Ordering::Relaxed));
                bulkhead.resize(size).expect("above zero");
                drop(subscription);
            }
        });
        let refused: u64 = threads.into_iter().map(|thread| thread.join().expect("no panic")).sum();
        listened.join().expect("no panic");
        (refused, heard.load(Ordering::Relaxed))
    });
    assert!(listened >= 1_000, "each change of size was heard");
    let metrics = bulkhead.metrics();
    assert_eq!((metrics.active, metrics.queued), (0, 0));
    assert_eq!((metrics.rejected, metrics.admitted), (refused, 4 * CALLS - refused));
    assert_eq!(
        (bulkhead.available_slots(), bulkhead.policy()),
        (5, BulkheadPolicy::new(5).max_wait(patience))
    );
}

/// How the bodies of a soaked pipeline ended.
#[derive(Default)]
struct Ends {
    success: AtomicU64,
    failure: AtomicU64,
    cancelled: AtomicU64,
}

impl Ends {
    /// A body that works, fails, panics, or goes on for ever.
    fn body(&self, dice: &mut Dice, error: &Error) -> Poll<Result<(), Error>> {
        let count = |end: &AtomicU64| end.fetch_add(1, Ordering::Relaxed);
        match dice.roll(8) {
            0..=3 => {
                count(&self.success);
                Poll::Ready(Ok(()))
            }
            4..=5 => {
                count(&self.failure);
                Poll::Ready(Err(error.clone()))
            }
            6 => {
                count(&self.failure);
                std::panic::resume_unwind(Box::new(()))
            }
            _ => {
                count(&self.cancelled);
                Poll::Pending
            }
        }
    }
}

/// So many that a word that each of them leaves behind would be seen.
const SOAKED_CALLS: u64 = 3 * CALLS;

const PLENTY: RateLimitPolicy = RateLimitPolicy::new().rate(10_000_000);

/// Other limits, again and again.
fn resize(bulkhead: &Bulkhead, limiter: &RateLimiter, over: &AtomicBool) {
    let scarce = PLENTY.rate(10_000).burst(10);
    for slots in (1..=5).cycle().take_while(|_| !over.load(Ordering::Relaxed)) {
        bulkhead.resize(slots).expect("above zero");
        limiter.reconfigure(if slots == 1 { scarce } else { PLENTY }).expect("settings that work");
        thread::sleep(Duration::from_micros(100));
    }
}

/// Calls that are dropped at the first wait.
fn soak(pipeline: &Pipeline<(), Error>, breaker: &CircuitBreaker, error: &Error, seed: u64, ends: &Ends) {
    let mut dice = Dice(seed);
    for _ in 0..SOAKED_CALLS {
        let call = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut body = || ends.body(&mut dice, error);
            let call = pipeline.call_async(|| {
                let mut poll = Some(body());
                std::future::poll_fn(move |_| poll.take().unwrap_or(Poll::Pending))
            });
            let mut call = pin!(call);
            let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }));
        drop(call);
        end_long_rest(breaker);
        thread::yield_now();
    }
}

#[test]
fn a_soaked_stack_balances_its_accounts() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let breaker = CircuitBreaker::new("soaked", LAST_CALLS).expect("settings that work");
    let limiter = RateLimiter::new("soaked", PLENTY).expect("settings that work");
    let bulkhead = Bulkhead::new("soaked", BulkheadPolicy::new(3)).expect("settings that work");
    let budget = RetryBudgetPolicy::new().ratio(0.5).min_per_second(0);
    let retry = RetryPolicy::new().max_attempts(3).base_delay(Duration::ZERO).budget_with("soaked", budget);
    let pipeline: Pipeline<(), Error> = Pipeline::builder()
        .fallback(|_| Ok(()))
        .retry(retry)
        .circuit_breaker_with(breaker.clone(), |layer| layer.retry_after(|_| Some(REST)))
        .rate_limit(limiter.clone())
        .bulkhead(bulkhead.clone())
        .timeout(Duration::from_secs(3600))
        .build()
        .expect("policies that fit");
    let error = {
        let closed = Bulkhead::new("full", BulkheadPolicy::new(1)).expect("settings that work");
        let _slot = closed.try_acquire().expect("free");
        closed.try_acquire().expect_err("full")
    };
    let (ends, over) = (Ends::default(), AtomicBool::new(false));
    let before = resident();
    thread::scope(|scope| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|seed| {
                let (pipeline, breaker, error, ends, runtime) =
                    (&pipeline, &breaker, &error, &ends, &runtime);
                scope.spawn(move || {
                    // Timers are made where a body waits.
                    let _context = runtime.enter();
                    soak(pipeline, breaker, error, seed, ends);
                })
            })
            .collect();
        scope.spawn(|| steer(&breaker, &over, &[CONSECUTIVE, LAST_CALLS, RECENT_CALLS, SLOW_CALLS]));
        scope.spawn(|| resize(&bulkhead, &limiter, &over));
        for thread in threads {
            thread.join().expect("every panic is caught");
        }
        over.store(true, Ordering::Relaxed);
    });
    let [success, failure, cancelled] =
        [&ends.success, &ends.failure, &ends.cancelled].map(|count| count.load(Ordering::Relaxed));
    assert!(cancelled > 0, "the soak has dropped calls as well");
    let (metrics, turns, slots) = (breaker.metrics(), limiter.metrics(), bulkhead.metrics());
    assert_eq!((metrics.success, metrics.failure), (success, failure));
    // What a limit rejects says nothing about the service. Nor does a call that was let in by a limit the slow way, and
    // found the circuit open by then.
    let rechecked = metrics.ignored.checked_sub(turns.rejected + slots.rejected).expect("all are ignored");
    let ended = success + failure + cancelled;
    assert_eq!((turns.allowed, turns.queued), (slots.rejected + ended + rechecked, 0));
    assert!((ended..=ended + rechecked).contains(&slots.admitted), "{slots:?}");
    bulkhead.resize(3).expect("above zero");
    assert_eq!((slots.active, slots.queued, bulkhead.available_slots()), (0, 0, 3));
    let retries = get_retry_budget("soaked").expect("used").metrics();
    assert_eq!(retries.deposits, THREADS * SOAKED_CALLS);
    assert!((1..=retries.deposits / 2).contains(&retries.withdrawals), "{retries:?}");
    every_place_is_back(&breaker);
    assert_grew_little(before);
}

/// A life with everything in it: a full window, listeners, changes of state, permits that outlive the handle.
fn live(number: usize, alive: &Arc<()>) {
    let name = format!("short-lived {number}");
    let policy = [LAST_CALLS, RECENT_CALLS, CONSECUTIVE][number % 3];
    let breaker = CircuitBreaker::new(name.clone(), policy).expect("settings that work");
    let held = Arc::clone(alive);
    breaker.subscribe(move |_| assert!(Arc::strong_count(&held) > 1)).detach();
    for _ in 0..10 {
        breaker.try_acquire().map(|permit| permit.failure_with_hint(REST)).ok();
    }
    breaker.reset();
    let permit = breaker.try_acquire().expect("closed");
    drop(breaker);
    permit.success();
    assert!(get_circuit_breaker(&name).is_none());
}

#[test]
fn breakers_that_are_dropped_leave_nothing_behind() {
    let alive = Arc::new(());
    let declared = catalog().len();
    (0..2_000).for_each(|number| live(number, &alive));
    let before = resident();
    (0..10_000).for_each(|number| live(number, &alive));
    assert_eq!(Arc::strong_count(&alive), 1, "a listener has outlived its breaker");
    assert_eq!(catalog().len(), declared);
    assert_grew_little(before);
}

#[test]
fn memory_does_not_grow_with_calls_and_changes() {
    let breakers = [CONSECUTIVE, LAST_CALLS, RECENT_CALLS, SLOW_CALLS]
        .map(|policy| CircuitBreaker::new("long-lived", policy).expect("settings that work"));
    let use_them = |rounds: u32| {
        for round in 0..rounds {
            for breaker in &breakers {
                match breaker.try_acquire() {
                    Ok(permit) if round % 3 == 0 => permit.failure_with_hint(Duration::from_nanos(1)),
                    Ok(permit) => permit.success(),
                    Err(_) => breaker.reset(),
                }
                if round % 7 == 0 {
                    breaker.force_open();
                    breaker.reset();
                }
            }
        }
    };
    use_them(5_000);
    let before = resident();
    use_them(60_000);
    assert_grew_little(before);
}

/// Bytes of memory that the process has, where the system says so.
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

/// The other tests of this file run beside it: their threads' stacks are what the allowance is for.
fn assert_grew_little(before: Option<u64>) {
    let (Some(before), Some(after)) = (before, resident()) else { return };
    assert!(after.saturating_sub(before) < 4 << 20, "{before} bytes before, {after} after");
}

#[test]
fn threads_that_crowd_a_budget_retry_no_more_than_they_paid_for() {
    let budget = RetryBudget::new("crowded", RetryBudgetPolicy::new().ratio(0.2).min_per_second(0));
    let budget = budget.expect("settings that work");
    let granted = thread::scope(|scope| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|seed| {
                let budget = &budget;
                scope.spawn(move || {
                    let mut dice = Dice(seed);
                    let mut granted = 0_u64;
                    for _ in 0..CALLS {
                        budget.deposit();
                        if dice.roll(4) > 0 {
                            granted += u64::from(budget.try_withdraw());
                        }
                    }
                    granted
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<u64>()
    });
    let metrics = budget.metrics();
    assert_eq!((metrics.deposits, metrics.withdrawals), (THREADS * CALLS, granted));
    // More was asked for than there was, in less than the time that deposits last.
    assert_eq!(granted + u64::from(budget.available()), THREADS * CALLS / 5);
}
