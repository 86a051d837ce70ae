//! The machine by itself, and every interleaving of overlapping trials.

use std::collections::{HashSet, VecDeque};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const POLICY: CircuitBreakerPolicy = CircuitBreakerPolicy::new()
    .failure_threshold(2)
    .reset_timeout(SECOND)
    .half_open_max_calls(2)
    .success_threshold(2);

fn start() -> Instant {
    Instant::from_bits(1_000_000_000_000)
}

/// A moment, and successes that were counted past the machine. Draws give the greatest.
struct World(Instant, u64);

impl Passed for World {
    fn passed(&self) -> u64 {
        self.1
    }

    fn passed_in(&self, _: usize) -> u64 {
        0
    }

    fn began(&self) -> Instant {
        Instant::from_bits(0)
    }
}

impl Surroundings for World {
    fn now(&self) -> Instant {
        self.0
    }

    fn between(&self, _: Duration, high: Duration) -> Duration {
        high
    }
}

fn at(now: Instant) -> World {
    World(now, 0)
}

fn new(policy: CircuitBreakerPolicy, world: &World) -> Machine {
    Machine::new(Arc::new(Packed::new(&policy)), world)
}

fn admit(machine: &mut Machine, now: Instant) -> Result<Ticket, Option<Duration>> {
    machine.end_leases(&at(now));
    machine.admit(&at(now), Duration::ZERO).0
}

fn record(machine: &mut Machine, now: Instant, ticket: Ticket, verdict: Verdict) -> Option<Transition> {
    machine.record(&at(now), ticket, verdict, false)
}

fn opened(policy: CircuitBreakerPolicy) -> Machine {
    let mut machine = new(policy, &at(start()));
    for _ in 0..policy.failures_in_a_row().unwrap_or(0) {
        let ticket = admit(&mut machine, start()).expect("closed");
        record(&mut machine, start(), ticket, Verdict::Failure);
    }
    assert_eq!(machine.state(start()), CircuitState::Open);
    machine
}

#[test]
fn failures_in_a_row_open_it_and_a_success_in_between_does_not() {
    let mut machine = new(POLICY, &at(start()));
    let ticket = admit(&mut machine, start()).expect("closed");
    for verdict in [Verdict::Failure, Verdict::Success, Verdict::Failure, Verdict::Ignored] {
        assert_eq!(record(&mut machine, start(), ticket, verdict), None);
    }
    let transition = record(&mut machine, start(), ticket, Verdict::Failure).expect("the second in a row");
    assert_eq!(transition.cause, TransitionCause::Failures(2));
    assert_eq!(admit(&mut machine, start()), Err(Some(SECOND)));
}

#[test]
fn it_reads_half_open_exactly_at_the_reset_timeout_without_traffic() {
    let machine = opened(POLICY);
    assert_eq!(machine.state(start().after(Duration::new(0, 999_999_999))), CircuitState::Open);
    assert_eq!(machine.state(start().after(SECOND)), CircuitState::HalfOpen);
    assert_eq!(machine.time_until_reset(start()), Some(SECOND));
    assert_eq!(machine.time_until_reset(start().after(SECOND)), None);
}

#[test]
fn trials_are_bounded_and_close_it_together() {
    let mut machine = opened(POLICY);
    let now = start().after(SECOND);
    let first = admit(&mut machine, now).expect("a trial");
    let second = admit(&mut machine, now).expect("another");
    assert_eq!(admit(&mut machine, now), Err(None));
    assert_eq!(record(&mut machine, now, first, Verdict::Success), None);
    let transition = record(&mut machine, now, second, Verdict::Success).expect("closes");
    assert_eq!(transition.to, CircuitState::Closed);
}

#[test]
fn one_failed_trial_opens_it_again_for_the_whole_time() {
    let mut machine = opened(POLICY);
    let now = start().after(3 * SECOND);
    let trial = admit(&mut machine, now).expect("a trial");
    record(&mut machine, now, trial, Verdict::Failure).expect("opens");
    assert_eq!(machine.time_until_reset(now), Some(SECOND));
}

#[test]
fn neutral_trials_give_their_place_back_and_vote_neither_way() {
    let mut machine = opened(POLICY);
    let now = start().after(SECOND);
    for _ in 0..100 {
        let trial = admit(&mut machine, now).expect("a place");
        assert_eq!(record(&mut machine, now, trial, Verdict::Ignored), None);
    }
    assert_eq!(machine.state(now), CircuitState::HalfOpen);
}

#[test]
fn a_trial_has_failed_when_its_lease_ends_and_not_before() {
    let policy = POLICY.reset_multiplier(3.0);
    let mut machine = opened(policy);
    let now = start().after(SECOND);
    let lease = 5 * SECOND;
    for _ in 0..2 {
        machine.admit(&at(now), lease).0.expect("a trial");
    }
    let almost = now.after(Duration::new(4, 999_999_999));
    assert!(machine.end_leases(&at(almost)).is_none());
    assert_eq!(machine.admit(&at(almost), lease).0, Err(None));
    let seen = now.after(6 * SECOND);
    let transition = machine.end_leases(&at(seen)).expect("opens");
    assert_eq!((transition.to, transition.cause), (CircuitState::Open, TransitionCause::TrialFailed));
    // Three seconds from the end of the lease, of which one is over.
    assert_eq!(machine.time_until_reset(seen), Some(2 * SECOND));
    assert!(admit(&mut machine, now.after(8 * SECOND)).is_ok());
}

#[test]
fn a_verdict_that_comes_after_the_lease_counts_if_nothing_has_looked_since() {
    let policy = POLICY.half_open_max_calls(1).success_threshold(1);
    for is_seen in [false, true] {
        let mut machine = opened(policy);
        let now = start().after(SECOND);
        let trial = admit(&mut machine, now).expect("a trial");
        let late = now.after(SECOND);
        if is_seen {
            machine.end_leases(&at(late)).expect("opens");
        }
        record(&mut machine, late, trial, Verdict::Success);
        let expected = if is_seen { CircuitState::Open } else { CircuitState::Closed };
        assert_eq!(machine.state(late), expected);
    }
}

#[test]
fn slow_trials_are_judged_by_the_rate_of_slow_calls() {
    let policy = POLICY.slow_call(SECOND).half_open_max_calls(4).success_threshold(4);
    for (slow_rate, most) in [(1.0, 3_u32), (0.5, 1), (0.26, 1), (0.25, 0)] {
        for slow in 0..=4 {
            let mut machine = opened(policy.slow_rate(slow_rate));
            let now = start().after(SECOND);
            let mut causes = Vec::new();
            for trial in 0..4 {
                let Ok(ticket) = admit(&mut machine, now) else { break };
                let transition = machine.record(&at(now), ticket, Verdict::Success, trial < slow);
                causes.extend(transition.map(|transition| transition.cause));
            }
            let opened_at = most + 1;
            let expected = if slow <= most {
                TransitionCause::TrialsSucceeded(4)
            } else {
                TransitionCause::SlowRate { slow: opened_at.into(), calls: opened_at.into() }
            };
            assert_eq!(causes, [expected], "{slow_rate}, {slow} of 4 slow");
        }
    }
}

#[test]
fn verdicts_from_before_a_transition_move_nothing() {
    let mut machine = new(POLICY, &at(start()));
    let early = admit(&mut machine, start()).expect("closed");
    for _ in 0..2 {
        let ticket = admit(&mut machine, start()).expect("closed");
        record(&mut machine, start(), ticket, Verdict::Failure);
    }
    for verdict in [Verdict::Success, Verdict::Failure] {
        assert_eq!(record(&mut machine, start(), early, verdict), None);
    }
    let now = start().after(SECOND);
    admit(&mut machine, now).expect("a trial");
    assert_eq!(record(&mut machine, now, early, Verdict::Failure), None);
    assert_eq!(machine.state(now), CircuitState::HalfOpen);
}

#[test]
fn an_endless_open_time_never_overflows() {
    let mut machine = opened(POLICY.reset_timeout(Duration::MAX));
    assert_eq!(machine.state(start().after(Duration::MAX)), CircuitState::Open);
    assert_eq!(admit(&mut machine, start()), Err(None));
}

/// A machine in the middle of something, with every call that was let in and has not ended.
struct Scene {
    machine: Machine,
    now: Instant,
    under_way: Vec<Ticket>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    /// To the machine a panic is a failure, and a cancelled call is a neutral one. A lost call never ends.
    End(usize, Verdict),
    HalfSecond,
}

const HALF_SECOND: Duration = Duration::from_millis(500);

impl Scene {
    fn replay(policy: CircuitBreakerPolicy, steps: &[Step]) -> Self {
        let (machine, now) = (opened(policy), start().after(SECOND));
        let mut scene = Self { machine, now, under_way: Vec::new() };
        for step in steps {
            scene.go(*step);
        }
        scene
    }

    fn go(&mut self, step: Step) {
        match step {
            Step::Begin => self.under_way.extend(admit(&mut self.machine, self.now).ok()),
            Step::End(call, verdict) => {
                let ticket = self.under_way.remove(call);
                let generation = self.machine.generation;
                let transition = record(&mut self.machine, self.now, ticket, verdict);
                assert_eq!(transition.is_some(), self.machine.generation != generation);
                assert!(transition.is_none() || ticket.generation() == generation, "a stale call moved it");
            }
            Step::HalfSecond => self.now = self.now.after(HALF_SECOND),
        }
    }

    /// Trials that hold a place.
    fn trials(&self) -> usize {
        match &self.machine.state {
            State::HalfOpen(half_open) => {
                half_open.trials.iter().filter(|trial| trial.lease_ends > self.now).count()
            }
            _ => 0,
        }
    }

    /// What tells two scenes apart: everything but the absolute time, the numbers of generations and trials,
    /// and the order of the calls.
    fn key(&self) -> (CircuitState, u32, Duration, Vec<(u8, Duration)>) {
        let (count, until) = match &self.machine.state {
            State::Closed { failures, .. } => (*failures, Duration::ZERO),
            State::Open { until } => (0, until.since(self.now)),
            State::HalfOpen(half_open) => (half_open.successes, Duration::ZERO),
            State::Disabled => (0, Duration::ZERO),
        };
        let of_call = |ticket: &Ticket| {
            if ticket.generation() != self.machine.generation {
                return (0, Duration::ZERO);
            }
            let State::HalfOpen(half_open) = &self.machine.state else { return (1, Duration::ZERO) };
            half_open
                .trials
                .iter()
                .find(|trial| trial.number == ticket.trial())
                .map_or((2, Duration::ZERO), |trial| (3, trial.lease_ends.since(self.now)))
        };
        let mut calls: Vec<_> = self.under_way.iter().map(of_call).collect();
        calls.sort_unstable();
        // Open with its time up reads half-open, and is not: no trial has been let in yet.
        let entered = matches!(self.machine.state, State::HalfOpen(_));
        calls.push((u8::from(entered), Duration::ZERO));
        (self.machine.state(self.now), count, until, calls)
    }

    fn next_steps(&self, most_under_way: usize) -> Vec<Step> {
        let mut steps = vec![Step::HalfSecond];
        if self.under_way.len() < most_under_way {
            steps.push(Step::Begin);
        }
        for call in 0..self.under_way.len() {
            let verdicts = [Verdict::Success, Verdict::Failure, Verdict::Ignored];
            steps.extend(verdicts.map(|verdict| Step::End(call, verdict)));
        }
        steps
    }
}

/// All scenes that any interleaving of overlapping calls leads to, whatever its length, with two calls more
/// under way than there are places: successes, failures and panics, neutral and cancelled calls, lost ones
/// that come back after their lease, or after a transition, or never. In every one of them a call is let in
/// exactly if there is a place, and a circuit that is left alone for two seconds takes a fresh trial, which
/// leads on to Closed if it and those after it succeed, and to Open if it fails.
#[test]
#[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
fn no_interleaving_of_overlapping_trials_wedges_it() {
    for places in 1..=3 {
        for needed in 1..=places {
            let policy = POLICY.half_open_max_calls(places).success_threshold(needed);
            let mut seen = HashSet::from([Scene::replay(policy, &[]).key()]);
            let mut paths = VecDeque::from([Vec::new()]);
            while let Some(path) = paths.pop_front() {
                check(policy, places, needed, &path);
                for step in Scene::replay(policy, &path).next_steps(places as usize + 2) {
                    let longer: Vec<_> = path.iter().copied().chain([step]).collect();
                    if seen.insert(Scene::replay(policy, &longer).key()) {
                        paths.push_back(longer);
                    }
                }
            }
            assert!(seen.len() > 30, "{} scenes are too few to be all", seen.len());
        }
    }
}

fn check(policy: CircuitBreakerPolicy, places: u32, needed: u32, path: &[Step]) {
    let mut scene = Scene::replay(policy, path);
    scene.machine.end_leases(&at(scene.now));
    assert!(scene.trials() <= places as usize, "{path:?}");
    let has_place = match scene.machine.state(scene.now) {
        CircuitState::HalfOpen => scene.trials() < places as usize,
        state => state == CircuitState::Closed,
    };
    assert_eq!(admit(&mut scene.machine, scene.now).is_ok(), has_place, "{path:?}");

    // Every call under way is lost from here on: its lease ends within a second, and the open time a second later.
    let left_alone = || {
        let mut scene = Scene::replay(policy, path);
        scene.now = scene.now.after(2 * SECOND);
        scene
    };
    let mut scene = left_alone();
    for _ in 0..needed {
        let trial = admit(&mut scene.machine, scene.now).expect("a fresh trial");
        record(&mut scene.machine, scene.now, trial, Verdict::Success);
    }
    assert_eq!(scene.machine.state(scene.now), CircuitState::Closed, "{path:?}");

    let mut scene = left_alone();
    if scene.machine.state(scene.now) == CircuitState::HalfOpen {
        let trial = admit(&mut scene.machine, scene.now).expect("a fresh trial");
        record(&mut scene.machine, scene.now, trial, Verdict::Failure);
        assert_eq!(scene.machine.state(scene.now), CircuitState::Open, "{path:?}");
    }
}

fn fail(machine: &mut Machine, world: &World) -> Option<Transition> {
    let ticket = machine.admit(world, Duration::ZERO).0.expect("admitted");
    machine.record(world, ticket, Verdict::Failure, false)
}

#[test]
fn a_rate_trips_at_its_share_of_a_window_that_slides() {
    let policy = CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(100);
    let mut machine = new(policy, &at(start()));
    let mut world = World(start(), 10_000);
    for _ in 0..49 {
        assert_eq!(fail(&mut machine, &world), None);
    }
    let cause = fail(&mut machine, &world).map(|transition| transition.cause);
    assert_eq!(cause, Some(TransitionCause::FailureRate { failures: 50, calls: 100 }));

    let mut machine = new(policy, &world);
    for _ in 0..49 {
        assert_eq!(fail(&mut machine, &world), None);
    }
    world.1 += 52;
    assert_eq!(fail(&mut machine, &world), None, "one failure has left the window");
}

#[test]
fn the_success_that_fills_the_window_may_trip_it() {
    let policy = CircuitBreakerPolicy::new().failure_rate(0.5).min_calls(3);
    let mut machine = new(policy, &at(start()));
    let world = at(start());
    assert_eq!(fail(&mut machine, &world), None);
    assert_eq!(fail(&mut machine, &world), None);
    assert!(machine.minds_successes(&world));
    let ticket = admit(&mut machine, start()).expect("closed");
    assert!(record(&mut machine, start(), ticket, Verdict::Success).is_some());
}

#[test]
fn slow_calls_trip_it_whatever_comes_of_them() {
    let policy = CircuitBreakerPolicy::new().slow_call(SECOND).slow_rate(0.5).min_calls(4);
    let mut machine = new(policy, &at(start()));
    let verdicts = [(Verdict::Success, true), (Verdict::Failure, true), (Verdict::Success, false)];
    for (verdict, slow) in verdicts {
        let ticket = admit(&mut machine, start()).expect("closed");
        assert_eq!(machine.record(&at(start()), ticket, verdict, slow), None);
    }
    let ticket = admit(&mut machine, start()).expect("closed");
    let cause = machine.record(&at(start()), ticket, Verdict::Success, false).map(|t| t.cause);
    assert_eq!(cause, Some(TransitionCause::SlowRate { slow: 2, calls: 4 }));
}

#[test]
fn the_open_time_grows_with_every_failed_trial_and_starts_anew_when_closed() {
    let policy = POLICY
        .reset_multiplier(2.0)
        .max_reset_timeout(5 * SECOND)
        .half_open_max_calls(1)
        .success_threshold(1);
    let mut machine = opened(policy);
    let mut now = start();
    for seconds in [1, 2, 4, 5, 5] {
        assert_eq!(machine.time_until_reset(now), Some(seconds * SECOND));
        now = now.after(seconds * SECOND);
        assert!(fail(&mut machine, &at(now)).is_some());
    }
    now = now.after(5 * SECOND);
    let trial = admit(&mut machine, now).expect("a trial");
    record(&mut machine, now, trial, Verdict::Success).expect("closes");
    fail(&mut machine, &at(now));
    fail(&mut machine, &at(now));
    assert_eq!(machine.time_until_reset(now), Some(SECOND));
}

#[test]
fn the_open_time_is_spread_and_a_hint_goes_before_it() {
    let machine = opened(POLICY.reset_jitter(0.5));
    assert_eq!(machine.time_until_reset(start()), Some(SECOND + SECOND / 2));

    for (hint, expected) in [(7, 7), (9_999, 300), (0, 1)] {
        let mut machine = new(POLICY.failure_threshold(1), &at(start()));
        let ticket = admit(&mut machine, start()).expect("closed");
        record(&mut machine, start(), ticket, Verdict::failure(Some(hint * SECOND)));
        assert_eq!(machine.time_until_reset(start()), Some(expected * SECOND));
    }
}

#[test]
fn other_settings_keep_the_state() {
    let mut machine = opened(POLICY);
    machine.reconfigure(POLICY.failure_threshold(9).reset_timeout(9 * SECOND), &at(start()));
    assert_eq!(machine.time_until_reset(start()), Some(SECOND));
    let mut machine = new(POLICY, &at(start()));
    fail(&mut machine, &at(start()));
    machine.reconfigure(POLICY.failure_threshold(3), &at(start()));
    assert!(matches!(machine.state, State::Closed { failures: 1, .. }));
}
