//! What limits how much runs, how often and for how long: semaphores, rate limiters, tokio's timeout.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use governor::clock::{Clock, DefaultClock, MonotonicClock, QuantaUpkeepClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::beside::{
    Failed, HOUR, Outcome, SECOND, Way, Work, key_of, meet_all_keys, succeed, succeed_after_a_yield,
    succeed_async,
};
use crate::drive::{drive, drive_on, repeat};
use crate::measure::bytes_held;

const TOKIO: &str = "tokio";
const ASYNC_LOCK: &str = "async-lock";
const GOVERNOR: &str = "governor";
const LEAKY_BUCKET: &str = "leaky-bucket";

const NO_COUNT: &str = "counts no rejections";
const NO_LIMIT_OF_WAITING: &str = "no limit on the wait";

pub const ALL: &[Way] = &[
    Way::new(Work::TimeoutReady, TOKIO, "async", |calls| drive(calls, tokio_timeout))
        .size(|| size_of_val(&tokio_timeout(0))),
    Way::new(Work::TimeoutYield, TOKIO, "async", |calls| drive_on(calls, tokio_timeout_yield))
        .size(|| size_of_val(&tokio_timeout_yield(0))),
    Way::new(Work::BulkheadTry, TOKIO, "Semaphore", |calls| {
        repeat(calls, |number| {
            TOKIO_SLOTS.try_acquire().map_err(|_| Failed).and_then(|_permit| succeed(number))
        });
    }),
    Way::new(Work::BulkheadTry, ASYNC_LOCK, "Semaphore", |calls| {
        repeat(calls, |number| ASYNC_SLOTS.try_acquire().ok_or(Failed).and_then(|_guard| succeed(number)));
    }),
    Way::new(Work::BulkheadAcquire, TOKIO, "Semaphore", |calls| drive(calls, tokio_slot))
        .size(|| size_of_val(&tokio_slot(0)))
        .note(NO_LIMIT_OF_WAITING),
    Way::new(Work::BulkheadAcquire, TOKIO, "Semaphore, timeout", |calls| drive(calls, tokio_slot_in_time))
        .size(|| size_of_val(&tokio_slot_in_time(0))),
    Way::new(Work::BulkheadAcquire, ASYNC_LOCK, "Semaphore", |calls| drive(calls, async_slot))
        .size(|| size_of_val(&async_slot(0)))
        .note(NO_LIMIT_OF_WAITING),
    Way::new(Work::BulkheadFull, TOKIO, "Semaphore", |calls| {
        repeat(calls, |number| {
            NO_TOKIO_SLOTS.try_acquire().map_err(|_| Failed).and_then(|_permit| succeed(number))
        });
    })
    .note(NO_COUNT),
    Way::new(Work::BulkheadFull, ASYNC_LOCK, "Semaphore", |calls| {
        repeat(calls, |number| NO_ASYNC_SLOTS.try_acquire().ok_or(Failed).and_then(|_guard| succeed(number)));
    })
    .note(NO_COUNT),
    Way::new(Work::RateLimit, GOVERNOR, "clock: quanta", |calls| {
        repeat(calls, |number| let_through(&QUANTA, number));
    })
    .varies()
    .note("its default clock, which counts the processor's cycles"),
    Way::new(Work::RateLimit, GOVERNOR, "clock: quanta, upkeep", |calls| {
        repeat(calls, |number| let_through(&UPKEEP, number));
    })
    .varies()
    .note("a thread of its own keeps the time"),
    Way::new(Work::RateLimit, GOVERNOR, "clock: std", |calls| {
        repeat(calls, |number| let_through(&STD, number));
    }),
    Way::new(Work::RateLimit, LEAKY_BUCKET, "try", |calls| {
        repeat(calls, |number| if BUCKET.try_acquire(1) { succeed(number) } else { Err(Failed) });
    })
    .note("takes from a full bucket"),
    Way::new(Work::RateLimitUsedUp, GOVERNOR, "clock: quanta", |calls| {
        repeat(calls, |number| let_through(&QUANTA_USED_UP, number));
    })
    .varies()
    .note(NO_COUNT),
    Way::new(Work::RateLimitUsedUp, GOVERNOR, "clock: quanta, upkeep", |calls| {
        repeat(calls, |number| let_through(&UPKEEP_USED_UP, number));
    })
    .varies()
    .note("counts no rejections; a thread of its own keeps the time"),
    Way::new(Work::RateLimitUsedUp, GOVERNOR, "clock: std", |calls| {
        repeat(calls, |number| let_through(&STD_USED_UP, number));
    })
    .note(NO_COUNT),
    Way::new(Work::RateLimitUsedUp, LEAKY_BUCKET, "try", |calls| {
        repeat(calls, |number| if EMPTY_BUCKET.try_acquire(1) { succeed(number) } else { Err(Failed) });
    })
    .note(NO_COUNT),
    Way::new(Work::RateLimitKeyed, GOVERNOR, "clock: quanta", |calls| {
        static KEYED: LazyLock<DefaultKeyedRateLimiter<u64>> = LazyLock::new(|| {
            let keyed = RateLimiter::keyed(Quota::per_second(NonZeroU32::MAX));
            meet_all_keys(|number| keyed.check_key(&key_of(number)).is_ok());
            keyed
        });
        repeat(calls, |number| {
            KEYED.check_key(&key_of(number)).map_err(|_| Failed).and_then(|()| succeed(number))
        });
    })
    .varies()
    .note("keeps every key until it is asked to clean up"),
];

async fn tokio_timeout(number: u64) -> Outcome {
    tokio::time::timeout(SECOND, succeed_async(number)).await.map_err(|_| Failed)?
}

async fn tokio_timeout_yield(number: u64) -> Outcome {
    tokio::time::timeout(SECOND, succeed_after_a_yield(number)).await.map_err(|_| Failed)?
}

static TOKIO_SLOTS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(32);
static ASYNC_SLOTS: async_lock::Semaphore = async_lock::Semaphore::new(32);

static NO_TOKIO_SLOTS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(0);
static NO_ASYNC_SLOTS: async_lock::Semaphore = async_lock::Semaphore::new(0);

async fn tokio_slot(number: u64) -> Outcome {
    let _permit = TOKIO_SLOTS.acquire().await.map_err(|_| Failed)?;
    succeed_async(number).await
}

async fn tokio_slot_in_time(number: u64) -> Outcome {
    let permit = tokio::time::timeout(SECOND, TOKIO_SLOTS.acquire()).await.map_err(|_| Failed)?;
    let _permit = permit.map_err(|_| Failed)?;
    succeed_async(number).await
}

async fn async_slot(number: u64) -> Outcome {
    let _guard = ASYNC_SLOTS.acquire().await;
    succeed_async(number).await
}

type Limiter<C> =
    RateLimiter<NotKeyed, InMemoryState, C, governor::middleware::NoOpMiddleware<<C as Clock>::Instant>>;

/// As fast as it goes: the shortest time between two calls that a quota can have.
fn limiter<C: Clock>(clock: C) -> Limiter<C> {
    RateLimiter::direct_with_clock(Quota::per_second(NonZeroU32::MAX), clock)
}

/// In one place for each clock: in two, the compiler takes none of it in, as it does in a program that has one limiter.
#[inline(never)]
fn let_through<C: Clock>(limiter: &Limiter<C>, number: u64) -> Outcome {
    limiter.check().map_err(|_| Failed).and_then(|()| succeed(number))
}

/// One call an hour, which has been made.
fn used_up<C: Clock>(clock: C) -> Limiter<C> {
    let quota = Quota::with_period(HOUR).expect("not zero");
    let limiter = RateLimiter::direct_with_clock(quota, clock);
    limiter.check().ok();
    limiter
}

/// One for the program: it has a thread of its own.
static UPKEPT: LazyLock<QuantaUpkeepClock> = LazyLock::new(|| {
    QuantaUpkeepClock::from_interval(std::time::Duration::from_millis(1)).expect("a thread for the clock")
});

static QUANTA: LazyLock<Limiter<DefaultClock>> = LazyLock::new(|| limiter(DefaultClock::default()));
static UPKEEP: LazyLock<Limiter<QuantaUpkeepClock>> = LazyLock::new(|| limiter(UPKEPT.clone()));
static STD: LazyLock<Limiter<MonotonicClock>> = LazyLock::new(|| limiter(MonotonicClock));

static QUANTA_USED_UP: LazyLock<Limiter<DefaultClock>> = LazyLock::new(|| used_up(DefaultClock::default()));
static UPKEEP_USED_UP: LazyLock<Limiter<QuantaUpkeepClock>> = LazyLock::new(|| used_up(UPKEPT.clone()));
static STD_USED_UP: LazyLock<Limiter<MonotonicClock>> = LazyLock::new(|| used_up(MonotonicClock));

static BUCKET: LazyLock<leaky_bucket::RateLimiter> = LazyLock::new(|| {
    let most = usize::try_from(u32::MAX).expect("32 bits at least");
    leaky_bucket::RateLimiter::builder().max(most).initial(most).refill(most / 2).interval(SECOND).build()
});

static EMPTY_BUCKET: LazyLock<leaky_bucket::RateLimiter> =
    LazyLock::new(|| leaky_bucket::RateLimiter::builder().max(1).initial(0).refill(1).interval(HOUR).build());

/// Bytes that an instance holds.
pub fn held() -> Vec<(&'static str, u64)> {
    const KEYS: u64 = 10_000;
    let keyed = DefaultKeyedRateLimiter::keyed(Quota::per_second(NonZeroU32::MAX));
    keyed.check_key(&0).ok();
    let of_keys = bytes_held(|| repeat(KEYS, |number| keyed.check_key(&(number + 1)).is_ok()));
    vec![
        ("governor, a rate limiter", bytes_held(|| limiter(DefaultClock::default()))),
        ("governor, a rate limiter of a key", of_keys / KEYS),
        ("tokio, a semaphore", bytes_held(|| tokio::sync::Semaphore::new(32))),
        ("async-lock, a semaphore", bytes_held(|| async_lock::Semaphore::new(32))),
    ]
}
