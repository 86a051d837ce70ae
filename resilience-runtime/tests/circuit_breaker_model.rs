//! A circuit breaker that is obviously right, against the one that is fast.
//!
//! The model keeps every call and every result in a list and works each answer out anew from the whole list. It
//! shares nothing with the implementation but the words of its answers: no gate, no generations, no counters
//! beside the window, no ring. Random histories go through both, and every answer is compared after every step.
#![cfg(feature = "testing")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use resilience_runtime::testing::ManualClock;
use resilience_runtime::{
    CircuitBreaker, CircuitBreakerEvent, CircuitBreakerPolicy, CircuitState, Permit, StateChange,
    Subscription, TransitionCause, Window,
};

/// Nanoseconds, without a bound that a sum could reach.
type Nanos = u128;

/// What ends later than this never ends: moments are 64 bits wide. It is 584 years away.
const END_OF_TIME: Nanos = u64::MAX as Nanos;

/// How many changes of state are kept.
const HISTORY: usize = 32;

#[derive(Clone, Debug, PartialEq)]
struct Settings {
    failure_threshold: Option<u32>,
    failure_percent: Option<u64>,
    window: Option<Window>,
    min_calls: Option<u32>,
    slow_call: Option<Duration>,
    slow_percent: Option<u64>,
    reset_timeout: Duration,
    // A fraction, so that the model needs no floating point.
    multiplier: (u32, u32),
    max_reset_timeout: Option<Duration>,
    jitter_percent: u32,
    half_open_max_calls: u32,
    success_threshold: Option<u32>,
}

impl Settings {
    fn has_rate(&self) -> bool {
        self.failure_percent.is_some() || self.slow_call.is_some()
    }

    fn window(&self) -> Option<Window> {
        self.has_rate().then(|| self.window.unwrap_or(Window::Calls(100)))
    }

    fn has_tenths(&self) -> bool {
        matches!(self.window(), Some(Window::Time(_)))
    }

    fn failures_in_a_row(&self) -> Option<u32> {
        self.failure_threshold.or(if self.has_rate() { None } else { Some(5) })
    }

    fn min_calls(&self) -> u64 {
        let of_window = match self.window() {
            Some(Window::Calls(calls)) => calls.min(10),
            _ => 10,
        };
        u64::from(self.min_calls.unwrap_or(of_window))
    }

    fn slow_percent(&self) -> Option<u64> {
        self.slow_call.map(|_| self.slow_percent.unwrap_or(100))
    }

    fn successes_to_close(&self) -> usize {
        self.success_threshold.unwrap_or(self.half_open_max_calls) as usize
    }

    fn longest_open_time(&self) -> Nanos {
        let longest = self.max_reset_timeout.unwrap_or(Duration::from_secs(300)).max(self.reset_timeout);
        longest.as_nanos()
    }

    fn policy(&self) -> CircuitBreakerPolicy {
        let share = |percent: u64| f64::from(u32::try_from(percent).expect("a percentage")) / 100.0;
        let mut policy = CircuitBreakerPolicy::new()
            .reset_timeout(self.reset_timeout)
            .reset_multiplier(f64::from(self.multiplier.0) / f64::from(self.multiplier.1))
            .reset_jitter(f64::from(self.jitter_percent) / 100.0)
            .half_open_max_calls(self.half_open_max_calls);
        if let Some(failures) = self.failure_threshold {
            policy = policy.failure_threshold(failures);
        }
        if let Some(percent) = self.failure_percent {
            policy = policy.failure_rate(share(percent));
        }
        if let Some(window) = self.window {
            policy = policy.window(window);
        }
        if let Some(calls) = self.min_calls {
            policy = policy.min_calls(calls);
        }
        if let Some(limit) = self.slow_call {
            policy = policy.slow_call(limit);
        }
        if let Some(percent) = self.slow_percent {
            policy = policy.slow_rate(share(percent));
        }
        if let Some(longest) = self.max_reset_timeout {
            policy = policy.max_reset_timeout(longest);
        }
        if let Some(successes) = self.success_threshold {
            policy = policy.success_threshold(successes);
        }
        policy
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Success,
    Failure,
    FailureWithHint(Duration),
    Panic,
    Ignored,
    Cancelled,
}

impl Ending {
    fn is_failure(self) -> bool {
        matches!(self, Self::Failure | Self::FailureWithHint(_) | Self::Panic)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Closed,
    // `None` is for ever.
    Open { until: Option<Nanos> },
    HalfOpen,
    Disabled,
}

/// A call that was let in.
#[derive(Debug)]
struct Call {
    period: usize,
    since: Nanos,
    // Whether the settings asked how long it takes when it began.
    watched: bool,
    // Where it is a trial; a call that isn't holds no place.
    lease_ends: Option<Nanos>,
    ended: Option<Ending>,
}

/// A result that a closed circuit was told.
#[derive(Debug)]
struct Told {
    period: usize,
    at: Nanos,
    failed: bool,
    slow: bool,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Succeeded,
    Failed,
    Ignored,
    Rejected(Option<Duration>),
    Changed(Change),
}

#[derive(Clone, Debug, PartialEq)]
struct Change {
    at: Nanos,
    from: CircuitState,
    to: CircuitState,
    cause: TransitionCause,
}

/// The answers that are compared.
#[derive(Debug, PartialEq)]
struct Answers {
    state: CircuitState,
    failure_count: u32,
    time_until_reset: Option<Duration>,
    success: u64,
    failure: u64,
    rejected: u64,
    ignored: u64,
    slow: u64,
    window_calls: u64,
    failure_rate: Option<f64>,
    slow_rate: Option<f64>,
    changes: Vec<Change>,
}

#[derive(Debug)]
struct Model {
    settings: Settings,
    now: Nanos,
    phase: Phase,
    // Goes up with every change of state.
    period: usize,
    calls: Vec<Call>,
    told: Vec<Told>,
    // Where in `told` the window begins.
    window_from: usize,
    // From where a window of time is cut into tenths: the moment at which there was the first one.
    tenths_from: Option<Nanos>,
    // Those that count in the figures: everything but cancellations, and what ends while disabled.
    counted: Vec<(Ending, bool)>,
    rejected: u64,
    failed_trials: u32,
    changes: Vec<Change>,
    events: Vec<Event>,
    // The shortest and longest open time, where chance decides.
    drawn: Option<(Nanos, Nanos)>,
    // From where the open time counts.
    opened_from: Nanos,
    // The trials that succeeded, by period, and whether they were slow.
    slow_trials: Vec<(usize, bool)>,
}

impl Model {
    fn new(settings: Settings) -> Self {
        Self {
            tenths_from: settings.has_tenths().then_some(0),
            settings,
            now: 0,
            phase: Phase::Closed,
            period: 0,
            calls: Vec::new(),
            told: Vec::new(),
            window_from: 0,
            counted: Vec::new(),
            rejected: 0,
            failed_trials: 0,
            changes: Vec::new(),
            events: Vec::new(),
            drawn: None,
            opened_from: 0,
            slow_trials: Vec::new(),
        }
    }

    /// A trial that hasn't come back by the end of its lease has failed.
    fn end_leases(&mut self) {
        if self.phase != Phase::HalfOpen {
            return;
        }
        let is_under_way = |call: &&Call| call.period == self.period && call.ended.is_none();
        let leases = self.calls.iter().filter(is_under_way).filter_map(|call| call.lease_ends);
        let Some(first) = leases.min().filter(|first| *first <= self.now) else { return };
        self.failed_trials += 1;
        self.open_from(first, Ending::Failure, TransitionCause::TrialFailed);
    }

    /// Lets a call in and gives its place in the list, or says how long until one may come.
    fn acquire(&mut self) -> Result<usize, Option<Duration>> {
        if let Phase::Open { until } = self.phase {
            if until.is_none_or(|until| self.now < until) {
                return Err(self.refuse(self.time_until_reset()));
            }
            self.go(Phase::HalfOpen, TransitionCause::ResetTimeout);
        }
        let mut lease_ends = None;
        if self.phase == Phase::HalfOpen {
            let holds_a_place = |call: &&Call| {
                call.period == self.period && call.ended.is_none() && call.lease_ends.is_some()
            };
            if self.calls.iter().filter(holds_a_place).count() >= self.settings.half_open_max_calls as usize {
                return Err(self.refuse(None));
            }
            lease_ends = Some(self.now + self.settings.reset_timeout.as_nanos());
        }
        let watched = self.settings.slow_call.is_some();
        self.calls.push(Call { period: self.period, since: self.now, watched, lease_ends, ended: None });
        Ok(self.calls.len() - 1)
    }

    fn refuse(&mut self, retry_after: Option<Duration>) -> Option<Duration> {
        self.rejected += 1;
        self.events.push(Event::Rejected(retry_after));
        retry_after
    }

    fn end(&mut self, call: usize, ending: Ending) {
        self.calls[call].ended = Some(ending);
        let call = &self.calls[call];
        if self.phase == Phase::Disabled || ending == Ending::Cancelled {
            return;
        }
        let took = self.now - call.since;
        let slow = ending != Ending::Ignored
            && call.watched
            && self.settings.slow_call.is_some_and(|limit| took >= limit.as_nanos());
        self.counted.push((ending, slow));
        self.events.push(match ending {
            Ending::Success => Event::Succeeded,
            Ending::Ignored => Event::Ignored,
            _ => Event::Failed,
        });
        // What was let in before a change moves nothing after it.
        if call.period != self.period || ending == Ending::Ignored {
            return;
        }
        if self.phase == Phase::HalfOpen {
            self.end_trial(ending, slow);
        } else {
            let failed = ending.is_failure();
            self.told.push(Told { period: self.period, at: self.now, failed, slow });
            if let Some(cause) = self.reason_to_open() {
                self.open(ending, cause);
            }
        }
    }

    fn end_trial(&mut self, ending: Ending, slow: bool) {
        if ending.is_failure() {
            self.failed_trials += 1;
            self.open(ending, TransitionCause::TrialFailed);
            return;
        }
        self.slow_trials.push((self.period, slow));
        let succeeded = |call: &&Call| call.period == self.period && call.ended == Some(Ending::Success);
        let successes = self.calls.iter().filter(succeeded).count();
        let slow = self.slow_trials.iter().filter(|(period, slow)| *period == self.period && *slow).count();
        let needed = self.settings.successes_to_close();
        let is_slow = |percent: u64| slow > 0 && slow as u64 * 100 >= percent * needed as u64;
        if self.settings.slow_percent().is_some_and(is_slow) {
            self.failed_trials += 1;
            let cause = TransitionCause::SlowRate { slow: slow as u64, calls: successes as u64 };
            self.open(ending, cause);
            return;
        }
        if successes >= self.settings.successes_to_close() {
            self.close(TransitionCause::TrialsSucceeded(successes.try_into().expect("few")));
        }
    }

    fn failures_in_a_row(&self) -> u32 {
        let of_period = self.told.iter().rev().take_while(|told| told.period == self.period);
        of_period.take_while(|told| told.failed).count().try_into().expect("few")
    }

    /// The results that the rates are about. A window of time is cut into tenths of its length, from where
    /// there was the first such window: it holds the tenth that is under way and the nine before it, as wholes.
    fn window(&self) -> Vec<&Told> {
        if self.phase != Phase::Closed {
            return Vec::new();
        }
        let of_period = self.told[self.window_from..].iter().filter(|told| told.period == self.period);
        match self.settings.window() {
            None => Vec::new(),
            Some(Window::Calls(calls)) => {
                let all: Vec<_> = of_period.collect();
                all[all.len().saturating_sub(calls as usize)..].to_vec()
            }
            Some(Window::Time(length)) => {
                let from = self.tenths_from.expect("there is a window of time");
                let tenth = |at: Nanos| (at - from) / (length.as_nanos() / 10);
                of_period.filter(|told| tenth(self.now) - tenth(told.at) <= 9).collect()
            }
            Some(other) => panic!("the model doesn't know {other:?}"),
        }
    }

    /// Calls, failures and slow calls of the window.
    fn tally(&self) -> (u64, u64, u64) {
        let window = self.window();
        let count = |those: fn(&&&Told) -> bool| window.iter().filter(those).count() as u64;
        (window.len() as u64, count(|told| told.failed), count(|told| told.slow))
    }

    fn reason_to_open(&self) -> Option<TransitionCause> {
        let in_a_row = self.failures_in_a_row();
        if self.settings.failures_in_a_row().is_some_and(|threshold| in_a_row >= threshold) {
            return Some(TransitionCause::Failures(in_a_row));
        }
        self.settings.window()?;
        let (calls, failures, slow) = self.tally();
        if calls < self.settings.min_calls() {
            return None;
        }
        let reached = |percent: Option<u64>, count: u64| {
            percent.is_some_and(|percent| count >= (percent * calls).div_ceil(100).max(1))
        };
        if reached(self.settings.failure_percent, failures) {
            return Some(TransitionCause::FailureRate { failures, calls });
        }
        reached(self.settings.slow_percent(), slow).then_some(TransitionCause::SlowRate { slow, calls })
    }

    fn open(&mut self, ending: Ending, cause: TransitionCause) {
        self.open_from(self.now, ending, cause);
    }

    fn open_from(&mut self, start: Nanos, ending: Ending, cause: TransitionCause) {
        let longest = self.settings.longest_open_time();
        let hint = match ending {
            Ending::FailureWithHint(hint) if !hint.is_zero() => Some(hint.as_nanos()),
            _ => None,
        };
        let mut planned = self.settings.reset_timeout.as_nanos();
        for _ in 0..self.failed_trials {
            let (times, over) = self.settings.multiplier;
            planned = (planned * Nanos::from(times) / Nanos::from(over)).min(longest);
        }
        let open_time = hint.unwrap_or(planned).min(longest);
        let until = Self::moment(start, open_time);
        self.opened_from = start;
        self.go(Phase::Open { until }, cause);
        if hint.is_none() && self.settings.jitter_percent > 0 {
            let part = |percent: u32| planned / 100 * Nanos::from(percent);
            let (least, most) =
                (part(100 - self.settings.jitter_percent), part(100 + self.settings.jitter_percent));
            // Fractions of a nanosecond, and what a 64-bit float makes of long times.
            let slack = 100 + planned / 1_000_000_000_000;
            self.drawn = Some((least.saturating_sub(slack), (most + slack).min(longest)));
        }
    }

    fn moment(start: Nanos, later: Nanos) -> Option<Nanos> {
        Some(start + later).filter(|moment| *moment < END_OF_TIME)
    }

    /// Takes over what chance decided, if it is in the range.
    fn draw(&mut self, open_time: Option<Duration>) {
        let Some((least, most)) = self.drawn.take() else { return };
        if let Some(time) = open_time {
            let until = self.now + time.as_nanos();
            let nanos = until - self.opened_from;
            assert!((least..=most).contains(&nanos), "{nanos} is not in {least}..={most}");
            self.phase = Phase::Open { until: Some(until).filter(|until| *until < END_OF_TIME) };
        } else if self.opened_from + least <= self.now {
            // Over already, since the lease ended some time ago.
            self.phase = Phase::Open { until: Some(self.now) };
        } else {
            assert!(self.now + most >= END_OF_TIME, "an open time of {least}..={most} is not for ever");
            self.phase = Phase::Open { until: None };
        }
    }

    fn close(&mut self, cause: TransitionCause) {
        self.failed_trials = 0;
        self.go(Phase::Closed, cause);
    }

    fn go(&mut self, phase: Phase, cause: TransitionCause) {
        let name = |phase| match phase {
            Phase::Closed => CircuitState::Closed,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen => CircuitState::HalfOpen,
            Phase::Disabled => CircuitState::Disabled,
        };
        let change = Change { at: self.now, from: name(self.phase), to: name(phase), cause };
        // What was so already is no change, but the calls under way belong to the past all the same.
        if change.from != change.to {
            self.changes.push(change.clone());
            self.events.push(Event::Changed(change));
        }
        self.phase = phase;
        self.period += 1;
    }

    fn enable(&mut self) {
        if self.phase == Phase::Disabled {
            self.close(TransitionCause::Manual);
        }
    }

    fn reconfigure(&mut self, settings: Settings) {
        let about_window = |settings: &Settings| {
            (
                settings.window(),
                settings.failure_percent.filter(|_| settings.has_rate()),
                settings.slow_percent(),
            )
        };
        if about_window(&settings) != about_window(&self.settings) {
            self.window_from = self.told.len();
        }
        if settings.has_tenths() {
            self.tenths_from.get_or_insert(self.now);
        }
        self.settings = settings;
    }

    fn time_until_reset(&self) -> Option<Duration> {
        match self.phase {
            Phase::Open { until: Some(until) } if until > self.now => {
                Some(Duration::from_nanos((until - self.now).try_into().expect("before the end of time")))
            }
            _ => None,
        }
    }

    fn state(&self) -> CircuitState {
        match self.phase {
            Phase::Closed => CircuitState::Closed,
            Phase::Open { until: Some(until) } if self.now >= until => CircuitState::HalfOpen,
            Phase::Open { .. } => CircuitState::Open,
            Phase::HalfOpen => CircuitState::HalfOpen,
            Phase::Disabled => CircuitState::Disabled,
        }
    }

    #[allow(clippy::cast_precision_loss)] // a handful
    fn answers(&self) -> Answers {
        let count = |those: fn(Ending) -> bool| {
            self.counted.iter().filter(|(ending, _)| those(*ending)).count() as u64
        };
        let (calls, failures, slow) = self.tally();
        let rate = |of: u64| of as f64 / calls as f64;
        Answers {
            state: self.state(),
            failure_count: if self.phase == Phase::Closed { self.failures_in_a_row() } else { 0 },
            time_until_reset: self.time_until_reset(),
            success: count(|ending| ending == Ending::Success),
            failure: count(Ending::is_failure),
            rejected: self.rejected,
            ignored: count(|ending| ending == Ending::Ignored),
            slow: self.counted.iter().filter(|(_, slow)| *slow).count() as u64,
            window_calls: calls,
            failure_rate: self.settings.failure_percent.filter(|_| calls > 0).map(|_| rate(failures)),
            slow_rate: self.settings.slow_percent().filter(|_| calls > 0).map(|_| rate(slow)),
            changes: self.changes[self.changes.len().saturating_sub(HISTORY)..].to_vec(),
        }
    }
}

/// How far the time goes on.
#[derive(Clone, Debug)]
enum Step {
    By(Duration),
    // Around the moments at which something happens, and the nanosecond before and after.
    ToReset(i8),
    ToLeaseEnd(Index, i8),
    ToNextTenth(i8),
    ByTenths(u8, i8),
    BySlowCall(i8),
}

#[derive(Clone, Debug)]
enum Op {
    Acquire,
    /// One of the calls under way ends.
    End(Index, Ending),
    /// A call under way is never heard of again.
    Lose(Index),
    /// Calls one after the other, without a break.
    Calls(Vec<Ending>),
    /// A call that takes time.
    Long(Step, Ending),
    Step(Step),
    Reset,
    ForceOpen,
    Disable,
    Enable,
    Reconfigure(Settings),
    /// Only this setting changes, so that the window stays.
    MinCalls(u32),
    /// Settings that can't work: nothing may change.
    Misconfigure,
    Listen,
    StopListening,
}

/// The model beside the real thing.
struct Pair {
    model: Model,
    breaker: CircuitBreaker,
    clock: ManualClock,
    // When the clock stood at zero.
    start: Instant,
    under_way: Vec<(usize, Permit)>,
    listener: Option<Subscription>,
    heard: Arc<Mutex<Vec<CircuitBreakerEvent>>>,
}

impl Pair {
    fn new(settings: &Settings) -> Self {
        let clock = ManualClock::install();
        let probe = CircuitBreaker::new("probe", CircuitBreakerPolicy::new()).expect("defaults");
        probe.force_open();
        Self {
            model: Model::new(settings.clone()),
            breaker: CircuitBreaker::new("modelled", settings.policy()).expect("settings that work"),
            clock,
            start: probe.metrics().state_changes[0].time,
            under_way: Vec::new(),
            listener: None,
            heard: Arc::default(),
        }
    }

    /// A whole history, compared after every step.
    fn run(settings: &Settings, ops: &[Op]) {
        let mut pair = Self::new(settings);
        for op in ops {
            let listening = pair.listener.is_some();
            pair.apply(op);
            pair.compare_events(listening);
        }
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::Acquire => self.acquire(),
            Op::End(which, ending) => {
                if !self.under_way.is_empty() {
                    self.end(which.index(self.under_way.len()), *ending);
                }
            }
            Op::Lose(which) => {
                if !self.under_way.is_empty() {
                    let lost = self.under_way.swap_remove(which.index(self.under_way.len()));
                    std::mem::forget(lost);
                }
            }
            Op::Calls(endings) => {
                for ending in endings {
                    let before = self.under_way.len();
                    self.acquire();
                    if self.under_way.len() > before {
                        self.end(before, *ending);
                    }
                }
            }
            Op::Long(step, ending) => {
                let before = self.under_way.len();
                self.acquire();
                self.step(step);
                if self.under_way.len() > before {
                    self.end(before, *ending);
                }
            }
            Op::Step(step) => self.step(step),
            Op::Reset => {
                self.breaker.reset();
                self.model.close(TransitionCause::Manual);
            }
            Op::ForceOpen => {
                self.breaker.force_open();
                self.model.go(Phase::Open { until: None }, TransitionCause::Manual);
            }
            Op::Disable => {
                self.breaker.disable();
                self.model.go(Phase::Disabled, TransitionCause::Manual);
            }
            Op::Enable => {
                self.breaker.enable();
                self.model.enable();
            }
            Op::Reconfigure(settings) => self.reconfigure(settings.clone()),
            Op::MinCalls(min_calls) => {
                let most = match self.model.settings.window() {
                    Some(Window::Calls(calls)) => calls,
                    Some(_) => u32::MAX,
                    None => return,
                };
                let min_calls = Some((*min_calls).min(most));
                self.reconfigure(Settings { min_calls, ..self.model.settings.clone() });
            }
            Op::Misconfigure => {
                let settings = &self.model.settings;
                let impossible = settings.policy().success_threshold(settings.half_open_max_calls + 1);
                assert!(self.breaker.reconfigure(impossible).is_err());
            }
            Op::Listen => {
                if self.listener.is_none() {
                    let heard = Arc::clone(&self.heard);
                    self.listener = Some(
                        self.breaker
                            .subscribe(move |event| heard.lock().expect("a vector").push(event.clone())),
                    );
                }
            }
            Op::StopListening => self.listener = None,
        }
        self.compare();
    }

    fn acquire(&mut self) {
        let expected = self.model.acquire();
        match (expected, self.breaker.try_acquire()) {
            (Ok(call), Ok(permit)) => self.under_way.push((call, permit)),
            (Err(retry_after), Err(refusal)) => {
                assert!(refusal.is_circuit_open());
                assert_eq!(refusal.retry_after(), retry_after);
                assert_eq!(refusal.policy_name(), "modelled");
            }
            (expected, actual) => panic!("the model says {expected:?}, the breaker {actual:?}"),
        }
        self.compare();
    }

    fn end(&mut self, place: usize, ending: Ending) {
        let (call, permit) = self.under_way.swap_remove(place);
        self.model.end(call, ending);
        match ending {
            Ending::Success => permit.success(),
            Ending::Failure => permit.failure(),
            Ending::FailureWithHint(hint) => permit.failure_with_hint(hint),
            Ending::Ignored => permit.ignore(),
            Ending::Cancelled => drop(permit),
            Ending::Panic => {
                // Unwinds as a panic does, without a message on the screen.
                let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _permit = permit;
                    std::panic::resume_unwind(Box::new(()));
                }));
                assert!(unwound.is_err());
            }
        }
        self.model.draw(self.breaker.time_until_reset());
        self.compare();
    }

    fn reconfigure(&mut self, settings: Settings) {
        self.breaker.reconfigure(settings.policy()).expect("settings that work");
        self.model.reconfigure(settings);
    }

    /// What the time alone has changed.
    fn look(&mut self) {
        self.breaker.state();
        self.model.end_leases();
        self.model.draw(self.breaker.time_until_reset());
    }

    fn step(&mut self, step: &Step) {
        let to = |moment: Option<Nanos>, off: i8| {
            let moment = moment.unwrap_or(self.model.now).saturating_add_signed(i128::from(off));
            moment.saturating_sub(self.model.now)
        };
        let tenth = match self.model.settings.window() {
            Some(Window::Time(length)) => length.as_nanos() / 10,
            _ => 1_000_000,
        };
        let by = match step {
            Step::By(duration) => duration.as_nanos(),
            Step::ToReset(off) => match self.model.phase {
                Phase::Open { until } => to(until, *off),
                _ => to(Some(self.model.now + self.model.settings.reset_timeout.as_nanos()), *off),
            },
            Step::ToLeaseEnd(which, off) => {
                let leases: Vec<_> = self.model.calls.iter().filter_map(|call| call.lease_ends).collect();
                to((!leases.is_empty()).then(|| leases[which.index(leases.len())]), *off)
            }
            Step::ToNextTenth(off) => {
                let from = self.model.tenths_from.unwrap_or(0);
                let next = from + ((self.model.now - from) / tenth + 1) * tenth;
                to(Some(next), *off)
            }
            Step::ByTenths(tenths, off) => to(Some(self.model.now + tenth * Nanos::from(*tenths)), *off),
            Step::BySlowCall(off) => {
                let limit = self.model.settings.slow_call.unwrap_or(Duration::ZERO);
                to(Some(self.model.now + limit.as_nanos()), *off)
            }
        };
        // What is centuries away stays away.
        let by = if by > END_OF_TIME / 100 { 1 } else { by };
        self.model.now += by;
        self.clock.advance(Duration::from_nanos(by.try_into().expect("less than a century")));
        self.look();
    }

    fn compare(&self) {
        let changed = |change: &StateChange| Change {
            at: change.time.duration_since(self.start).as_nanos(),
            from: change.from,
            to: change.to,
            cause: change.cause,
        };
        let metrics = self.breaker.metrics();
        let actual = Answers {
            state: self.breaker.state(),
            failure_count: self.breaker.failure_count(),
            time_until_reset: self.breaker.time_until_reset(),
            success: metrics.success,
            failure: metrics.failure,
            rejected: metrics.rejected,
            ignored: metrics.ignored,
            slow: metrics.slow,
            window_calls: metrics.window_calls,
            failure_rate: metrics.failure_rate,
            slow_rate: metrics.slow_rate,
            changes: metrics.state_changes.iter().map(changed).collect(),
        };
        assert_eq!(actual, self.model.answers(), "left: the breaker, right: the model");
        assert_eq!(self.breaker.policy(), self.model.settings.policy());
    }

    /// Compares what the listener heard in this step with what it should have heard.
    fn compare_events(&mut self, listening: bool) {
        let heard = std::mem::take(&mut *self.heard.lock().expect("a vector"));
        let expected = std::mem::take(&mut self.model.events);
        let heard: Vec<_> = heard
            .into_iter()
            .map(|event| match event {
                CircuitBreakerEvent::Succeeded { .. } => Event::Succeeded,
                CircuitBreakerEvent::Failed { .. } => Event::Failed,
                CircuitBreakerEvent::Ignored { .. } => Event::Ignored,
                CircuitBreakerEvent::Rejected { retry_after, .. } => Event::Rejected(retry_after),
                CircuitBreakerEvent::StateChanged { change, .. } => Event::Changed(Change {
                    at: change.time.duration_since(self.start).as_nanos(),
                    from: change.from,
                    to: change.to,
                    cause: change.cause,
                }),
                other => panic!("the model doesn't know {other:?}"),
            })
            .collect();
        assert_eq!(heard, if listening { expected } else { Vec::new() });
    }
}

const MILLIS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

fn settings() -> impl Strategy<Value = Settings> {
    let times = vec![Duration::from_nanos(16), 10 * MILLIS, SECOND, 30 * SECOND, YEAR, Duration::MAX];
    let time_windows =
        vec![Duration::from_nanos(100), MILLIS, SECOND, Duration::from_nanos(7_000_000_003), Duration::MAX];
    let window = prop_oneof![
        1 => Just(None),
        4 => (1_u32..=20).prop_map(|calls| Some(Window::Calls(calls))),
        4 => select(time_windows).prop_map(|time| Some(Window::Time(time))),
    ];
    let percent = || select(vec![1_u64, 7, 20, 30, 50, 51, 67, 100]);
    let rules = (
        proptest::option::of(1_u32..=5),
        proptest::option::weighted(0.7, percent()),
        window,
        proptest::option::of(1_u32..=12),
        proptest::option::weighted(
            0.4,
            select(vec![Duration::from_nanos(1), 10 * MILLIS, SECOND, Duration::MAX]),
        ),
        proptest::option::of(percent()),
    );
    let growth = prop_oneof![
        3 => Just(((1, 1), None)),
        2 => select(vec![(2, 1), (10, 1)]).prop_map(|multiplier| (multiplier, None)),
        2 => (select(vec![(1, 1), (2, 1), (3, 2)]), 1_u32..=5).prop_map(|(by, cap)| (by, Some(cap))),
    ];
    let recovery = (
        select(times),
        growth,
        prop_oneof![4 => Just(0_u32), 1 => Just(50)],
        (1_u32..=4).prop_flat_map(|places| (Just(places), proptest::option::of(1..=places))),
    );
    (rules, recovery).prop_map(|(rules, recovery)| {
        let (failure_threshold, failure_percent, window, min_calls, slow_call, slow_percent) = rules;
        let (reset_timeout, (multiplier, cap), jitter_percent, (half_open_max_calls, success_threshold)) =
            recovery;
        let has_rate = failure_percent.is_some() || slow_call.is_some();
        let most_calls = if let Some(Window::Calls(calls)) = window { calls } else { 100 };
        Settings {
            failure_threshold,
            failure_percent,
            window: window.filter(|_| has_rate),
            min_calls: min_calls.filter(|_| has_rate).map(|calls| calls.min(most_calls)),
            slow_call,
            slow_percent: slow_percent.filter(|_| slow_call.is_some()),
            reset_timeout,
            multiplier,
            max_reset_timeout: cap.map(|times| reset_timeout.saturating_mul(times)),
            jitter_percent,
            half_open_max_calls,
            success_threshold,
        }
    })
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        8 => Just(Ending::Success),
        8 => Just(Ending::Failure),
        1 => select(vec![Duration::ZERO, 5 * MILLIS, 2 * SECOND, Duration::MAX]).prop_map(Ending::FailureWithHint),
        1 => Just(Ending::Panic),
        2 => Just(Ending::Ignored),
        2 => Just(Ending::Cancelled),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let off = || -1_i8..=1;
    let fixed = vec![
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_nanos(9),
        MILLIS,
        10 * MILLIS,
        SECOND,
        YEAR,
    ];
    prop_oneof![
        2 => select(fixed).prop_map(Step::By),
        3 => off().prop_map(Step::ToReset),
        1 => (any::<Index>(), off()).prop_map(|(which, off)| Step::ToLeaseEnd(which, off)),
        3 => off().prop_map(Step::ToNextTenth),
        2 => (1_u8..=12, off()).prop_map(|(tenths, off)| Step::ByTenths(tenths, off)),
        1 => off().prop_map(Step::BySlowCall),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => Just(Op::Acquire),
        8 => (any::<Index>(), ending()).prop_map(|(which, ending)| Op::End(which, ending)),
        1 => any::<Index>().prop_map(Op::Lose),
        10 => proptest::collection::vec(ending(), 1..6).prop_map(Op::Calls),
        2 => (1_usize..30).prop_map(|calls| Op::Calls(vec![Ending::Success; calls])),
        4 => (step(), ending()).prop_map(|(step, ending)| Op::Long(step, ending)),
        2 => (-1_i8..=1, ending()).prop_map(|(off, ending)| Op::Long(Step::BySlowCall(off), ending)),
        10 => step().prop_map(Op::Step),
        1 => Just(Op::Reset),
        1 => select(vec![Op::ForceOpen, Op::Disable]),
        1 => Just(Op::Enable),
        1 => settings().prop_map(Op::Reconfigure),
        1 => (1_u32..=12).prop_map(Op::MinCalls),
        1 => select(vec![Op::Listen, Op::StopListening, Op::Misconfigure]),
    ]
}

/// A few seconds' worth. `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() {
        config
    } else {
        ProptestConfig { cases: 1_000, ..config }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_answer_is_the_models(settings in settings(), ops in proptest::collection::vec(op(), 1..60)) {
        Pair::run(&settings, &ops);
    }
}

const RATE: Settings = Settings {
    failure_threshold: None,
    failure_percent: Some(50),
    window: Some(Window::Time(SECOND)),
    min_calls: Some(2),
    slow_call: None,
    slow_percent: None,
    reset_timeout: SECOND,
    multiplier: (1, 1),
    max_reset_timeout: None,
    jitter_percent: 0,
    half_open_max_calls: 1,
    success_threshold: None,
};

/// The good calls have left the window, and only neutral results came since. Whatever is recorded next is the
/// first to be judged by, though it is a success.
#[test]
fn a_success_trips_when_the_good_calls_have_left_the_window() {
    use Ending::{Failure, Ignored, Success};
    let bad = vec![Failure, Failure, Success, Failure, Failure, Success];
    Pair::run(
        &RATE,
        &[
            Op::Calls(vec![Success; 6]),
            Op::Step(Step::ByTenths(1, 0)),
            Op::Calls(bad),
            Op::Step(Step::ByTenths(9, 0)),
            Op::Calls(vec![Ignored, Success]),
        ],
    );
}

/// One failure in a hundred is enough, but is not judged before ten calls: the rate until then is that of all
/// failures, and not only of as many as would trip.
#[test]
fn the_rate_is_told_before_it_is_judged() {
    let settings = Settings { failure_percent: Some(1), window: None, min_calls: None, ..RATE };
    Pair::run(&settings, &[Op::Calls(vec![Ending::Failure; 9])]);
}
