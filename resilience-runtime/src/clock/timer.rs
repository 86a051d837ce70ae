//! The timer of one wait: tokio's, or where tokio has none, a thread's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant as StdInstant};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::report;

pin_project! {
    /// Ready at a moment.
    ///
    /// Outside of a tokio runtime, and in one without time, a thread of this library keeps the time. Tokio has no way to
    /// ask a runtime whether it has time but to make a timer, and prints a message where it has none.
    #[derive(Debug)]
    #[project = TimerProjection]
    pub(super) enum Timer {
        Tokio {
            #[pin]
            sleep: Sleep,
        },
        Thread {
            alarm: Arc<ThreadAlarm>,
        },
    }
}

impl Timer {
    pub(super) fn after(delay: Duration) -> Self {
        of_tokio(|| tokio::time::sleep(delay))
            .unwrap_or_else(|| Self::of_thread(StdInstant::now().checked_add(delay)))
    }

    #[cfg(not(feature = "testing"))]
    pub(super) fn at(moment: StdInstant) -> Self {
        of_tokio(|| tokio::time::sleep_until(moment.into())).unwrap_or_else(|| Self::of_thread(Some(moment)))
    }

    fn of_thread(moment: Option<StdInstant>) -> Self {
        let alarm = Arc::new(ThreadAlarm::default());
        // A moment that no clock shows never comes.
        if let Some(moment) = moment {
            TIMER_THREAD.ring(moment, &alarm);
        }
        Self::Thread { alarm }
    }
}

fn of_tokio(make: impl FnOnce() -> Sleep + std::panic::UnwindSafe) -> Option<Timer> {
    Handle::try_current().ok()?;
    let sleep = catch_unwind(make).ok()?;
    Some(Timer::Tokio { sleep })
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project() {
            TimerProjection::Tokio { sleep } => sleep.poll(cx),
            TimerProjection::Thread { alarm } => alarm.poll(cx),
        }
    }
}

/// What the thread rings at a moment.
#[derive(Debug)]
pub(super) struct ThreadAlarm {
    has_rung: AtomicBool,
    waker: Mutex<Waker>,
}

impl Default for ThreadAlarm {
    fn default() -> Self {
        Self { has_rung: AtomicBool::new(false), waker: Mutex::new(Waker::noop().clone()) }
    }
}

impl ThreadAlarm {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone_from(cx.waker());
        // Looked at after the waker is in place: an alarm that rings in between wakes it.
        if self.has_rung.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn ring(&self) {
        self.has_rung.store(true, Ordering::Release);
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        waker.wake();
    }
}

/// An idle thread ends after this time.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

static TIMER_THREAD: TimerThread = TimerThread {
    alarms: Mutex::new(Alarms { next: BinaryHeap::new(), number: 0, is_running: false }),
    changed: Condvar::new(),
};

/// One thread for all waits of the program that tokio has no timer for.
struct TimerThread {
    alarms: Mutex<Alarms>,
    changed: Condvar,
}

struct Alarms {
    next: BinaryHeap<Reverse<Due>>,
    number: u64,
    is_running: bool,
}

struct Due {
    moment: StdInstant,
    // Of two at one moment the first to come.
    number: u64,
    alarm: Arc<ThreadAlarm>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.moment, self.number).cmp(&(other.moment, other.number))
    }
}

impl TimerThread {
    fn ring(&'static self, moment: StdInstant, alarm: &Arc<ThreadAlarm>) {
        let mut alarms = self.lock();
        alarms.number += 1;
        let number = alarms.number;
        alarms.next.push(Reverse(Due { moment, number, alarm: Arc::clone(alarm) }));
        if alarms.is_running {
            drop(alarms);
            self.changed.notify_one();
            return;
        }
        alarms.is_running = true;
        drop(alarms);
        let thread = std::thread::Builder::new().name("resilience-timer".to_owned());
        if let Err(error) = thread.spawn(|| self.run()) {
            // Nothing keeps the time: better too early than never.
            self.lock().is_running = false;
            report::warn(format_args!("no thread for a timer, and no tokio runtime with time: {error}"));
            alarm.ring();
        }
    }

    fn run(&self) {
        let mut alarms = self.lock();
        loop {
            let now = StdInstant::now();
            let next = alarms.next.peek().map(|Reverse(due)| due.moment);
            if next.is_some_and(|moment| moment <= now) {
                if let Some(Reverse(due)) = alarms.next.pop() {
                    drop(alarms);
                    // A waker is foreign code, which may panic.
                    crate::event::protect("a waker", || due.alarm.ring());
                    alarms = self.lock();
                }
                continue;
            }
            let wait = next.map_or(KEEP_ALIVE, |moment| moment - now);
            let (woken, waited) =
                self.changed.wait_timeout(alarms, wait).unwrap_or_else(PoisonError::into_inner);
            alarms = woken;
            if waited.timed_out() && alarms.next.is_empty() {
                alarms.is_running = false;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Alarms> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
