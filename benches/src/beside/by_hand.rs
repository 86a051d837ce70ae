//! The least that does the work: what a careful programmer would write for one function, without names, settings,
//! metrics or events. Nothing general can be expected below it.

use std::collections::HashMap;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, RwLock};
use std::task::Poll;
use std::time::Instant;

use super::{
    BY_HAND, Failed, HOUR, KEYS, NEVER, Outcome, SECOND, Way, Work, fail, key_of, succeed,
    succeed_after_a_yield, succeed_async, succeed_the_third_time, succeed_the_third_time_async,
};
use crate::drive::{block_on, drive, drive_on, repeat};

const FIXED_KEYS: &str = "a map that is full from the start, behind a read lock";
const NO_COUNT: &str = "counts no rejections";
const NO_COUNT_AND_STD: &str = "counts no rejections, and reads the clock of the standard library";

pub const ALL: &[Way] = &[
    Way::new(Work::Bare, BY_HAND, "sync", |calls| repeat(calls, succeed)),
    Way::new(Work::Bare, BY_HAND, "async", |calls| drive(calls, succeed_async))
        .size(|| size_of_val(&succeed_async(0))),
    Way::new(Work::BreakerInARow, BY_HAND, "sync", |calls| {
        repeat(calls, |number| CLOSED.call(5, || succeed(number)));
    })
    .note("no limit on trials, no generations"),
    Way::new(Work::BreakerFailing, BY_HAND, "sync", |calls| {
        FAILING.failures.store(0, Relaxed);
        repeat(calls, |number| FAILING.call(NEVER, || fail(number)));
    }),
    Way::new(Work::BreakerOpen, BY_HAND, "sync", |calls| {
        OPEN.call(1, || fail(0)).ok();
        repeat(calls, |number| OPEN.call(1, || succeed(number)));
    })
    .note(NO_COUNT_AND_STD),
    Way::new(Work::RetrySync, BY_HAND, "sync", |calls| {
        repeat(calls, |number| retry(|| succeed(number)));
    }),
    Way::new(Work::RetryAsync, BY_HAND, "async", |calls| drive(calls, retry_async))
        .size(|| size_of_val(&retry_async(0))),
    Way::new(Work::RetryThirdTimeSync, BY_HAND, "sync", |calls| {
        repeat(calls, |number| retry(|| succeed_the_third_time(number)));
    }),
    Way::new(Work::RetryThirdTimeAsync, BY_HAND, "async", |calls| block_on(calls, third_time))
        .size(|| size_of_val(&third_time(0))),
    Way::new(Work::TimeoutReady, BY_HAND, "async", |calls| {
        drive(calls, |number| timeout(succeed_async(number)));
    })
    .size(|| size_of_val(&timeout(succeed_async(0))))
    .note("one clock read, so that the limit counts from the start"),
    Way::new(Work::TimeoutYield, BY_HAND, "async", |calls| {
        drive_on(calls, |number| timeout(succeed_after_a_yield(number)));
    })
    .size(|| size_of_val(&timeout(succeed_after_a_yield(0))))
    .note("a timer of tokio's, made when the body isn't ready"),
    Way::new(Work::BulkheadTry, BY_HAND, "sync", |calls| {
        repeat(calls, |number| SLOTS.try_acquire().and_then(|_slot| succeed(number)));
    })
    .note("a count: nobody can wait for it"),
    Way::new(Work::BulkheadFull, BY_HAND, "sync", |calls| {
        repeat(calls, |number| NO_SLOTS.try_acquire().and_then(|_slot| succeed(number)));
    })
    .note(NO_COUNT),
    Way::new(Work::Fallback, BY_HAND, "sync", |calls| {
        repeat(calls, |number| succeed(number).or_else(|_| Ok::<_, Failed>(black_box(0))));
    }),
    Way::new(Work::RateLimit, BY_HAND, "sync", |calls| {
        repeat(calls, |number| if RATE.allows() { succeed(number) } else { Err(Failed) });
    })
    .note("GCRA in one word, with the clock of the standard library"),
    Way::new(Work::RateLimitUsedUp, BY_HAND, "sync", |calls| {
        repeat(calls, |number| if USED_UP.allows() { succeed(number) } else { Err(Failed) });
    })
    .note(NO_COUNT_AND_STD),
    Way::new(Work::BulkheadKeyed, BY_HAND, "sync", |calls| {
        static KEYED: LazyLock<Keyed<Slots>> = LazyLock::new(|| keyed(|| Slots(AtomicU32::new(32))));
        repeat(calls, |number| of_key(&KEYED, number).try_acquire().and_then(|_slot| succeed(number)));
    })
    .varies()
    .note(FIXED_KEYS),
    Way::new(Work::RateLimitKeyed, BY_HAND, "sync", |calls| {
        static KEYED: LazyLock<Keyed<Rate>> = LazyLock::new(|| keyed(|| Rate(AtomicU64::new(0))));
        repeat(calls, |number| if of_key(&KEYED, number).allows() { succeed(number) } else { Err(Failed) });
    })
    .varies()
    .note(FIXED_KEYS),
    Way::new(Work::Stack, BY_HAND, "async", |calls| drive(calls, stack)).size(|| size_of_val(&stack(0))),
];

/// Opens after so many failures in a row, and tries again after an hour.
struct Breaker {
    failures: AtomicU32,
    // Zero while it is closed.
    open_until: AtomicU64,
    successes: AtomicU64,
}

static CLOSED: Breaker = Breaker::new();
static FAILING: Breaker = Breaker::new();
static OPEN: Breaker = Breaker::new();

impl Breaker {
    const fn new() -> Self {
        Self { failures: AtomicU32::new(0), open_until: AtomicU64::new(0), successes: AtomicU64::new(0) }
    }

    #[inline]
    fn call(&self, threshold: u32, body: impl FnOnce() -> Outcome) -> Outcome {
        self.enter()?;
        let result = body();
        self.leave(threshold, &result);
        result
    }

    #[inline]
    fn enter(&self) -> Result<(), Failed> {
        let until = self.open_until.load(Relaxed);
        if until != 0 && now() < until { Err(Failed) } else { Ok(()) }
    }

    #[inline]
    fn leave(&self, threshold: u32, result: &Outcome) {
        if result.is_ok() {
            self.successes.fetch_add(1, Relaxed);
            if self.failures.load(Relaxed) != 0 {
                self.failures.store(0, Relaxed);
                self.open_until.store(0, Relaxed);
            }
        } else if self.failures.fetch_add(1, Relaxed) + 1 >= threshold {
            self.open_until.store(now() + nanos(HOUR), Relaxed);
        }
    }
}

fn nanos(duration: std::time::Duration) -> u64 {
    duration.as_nanos() as u64
}

fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    nanos(START.elapsed())
}

#[inline]
fn retry(mut body: impl FnMut() -> Outcome) -> Outcome {
    let mut attempt = 1;
    loop {
        match body() {
            Err(_) if attempt < 3 => attempt += 1,
            result => return result,
        }
    }
}

async fn retry_async(number: u64) -> Outcome {
    let mut attempt = 1;
    loop {
        match succeed_async(number).await {
            Err(_) if attempt < 3 => attempt += 1,
            result => return result,
        }
    }
}

async fn third_time(number: u64) -> Outcome {
    let mut attempt = 1;
    loop {
        match succeed_the_third_time_async(number).await {
            Err(_) if attempt < 3 => attempt += 1,
            result => return result,
        }
    }
}

async fn timeout(body: impl Future<Output = Outcome>) -> Outcome {
    let deadline = Instant::now() + SECOND;
    let mut body = pin!(body);
    let first = poll_fn(|context| Poll::Ready(body.as_mut().poll(context))).await;
    if let Poll::Ready(result) = first {
        return result;
    }
    let mut timer = pin!(tokio::time::sleep_until(deadline.into()));
    let mut has_waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_waited, true)
            && let Poll::Ready(result) = body.as_mut().poll(context)
        {
            return Poll::Ready(result);
        }
        timer.as_mut().poll(context).map(|()| Err(Failed))
    })
    .await
}

/// How many may still enter.
struct Slots(AtomicU32);

struct Slot<'a>(&'a Slots);

static SLOTS: Slots = Slots(AtomicU32::new(32));
static NO_SLOTS: Slots = Slots(AtomicU32::new(0));

impl Slots {
    #[inline]
    fn try_acquire(&self) -> Result<Slot<'_>, Failed> {
        match self.0.fetch_update(Relaxed, Relaxed, |free| free.checked_sub(1)) {
            Ok(_) => Ok(Slot(self)),
            Err(_) => Err(Failed),
        }
    }
}

impl Drop for Slot<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Relaxed);
    }
}

/// The generic cell rate algorithm (ITU-T I.371), for a million million calls a second: it lets all of them through.
struct Rate(AtomicU64);

static RATE: Rate = Rate(AtomicU64::new(0));
// The next turn is in some three hundred years.
static USED_UP: Rate = Rate(AtomicU64::new(u64::MAX / 2));

impl Rate {
    #[inline]
    fn allows(&self) -> bool {
        const BURST: u64 = 1_000_000_000;
        let now = now();
        let taken = self.0.fetch_update(Relaxed, Relaxed, |arrival| {
            let arrival = arrival.max(now);
            (arrival - now < BURST).then_some(arrival + 1)
        });
        taken.is_ok()
    }
}

type Keyed<T> = RwLock<HashMap<u64, Arc<T>>>;

fn keyed<T>(make: impl Fn() -> T) -> Keyed<T> {
    RwLock::new((0..KEYS).map(|key| (key, Arc::new(make()))).collect())
}

fn of_key<T>(keyed: &Keyed<T>, number: u64) -> Arc<T> {
    let keyed = keyed.read().expect("nothing panics in here");
    Arc::clone(&keyed[&key_of(number)])
}

async fn stack(number: u64) -> Outcome {
    static BREAKER: Breaker = Breaker::new();
    static SLOTS: Slots = Slots(AtomicU32::new(32));
    let mut attempt = 1;
    let result = loop {
        let result = match BREAKER.enter() {
            Err(refused) => break Err(refused),
            Ok(()) => {
                let result = match SLOTS.try_acquire() {
                    Ok(_slot) => timeout(succeed_async(number)).await,
                    Err(refused) => Err(refused),
                };
                BREAKER.leave(5, &result);
                result
            }
        };
        match result {
            Err(_) if attempt < 3 => {
                attempt += 1;
                tokio::time::sleep(SECOND).await;
            }
            result => break result,
        }
    };
    result.or_else(|_| Ok(black_box(0)))
}
