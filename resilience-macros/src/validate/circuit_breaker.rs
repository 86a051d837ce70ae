//! The rules of `#[circuit_breaker]`.

use core::time::Duration;

use syn::Lit;

use super::Checker;
use super::attributes::Setters;
use super::keys::GivenKeys;
use super::values::{literal, negated, number};
use crate::args::Valued;
use crate::args::circuit_breaker::Raw;
use crate::kinds::{Rejection, Rejections};
use crate::policy::{CircuitBreaker, Settings, Value};

// What the policy begins with, where neither the attribute nor another policy says otherwise.
const HALF_OPEN_MAX_CALLS: u64 = 3;
const WINDOW: u64 = 100;
const RESET_TIMEOUT: Duration = Duration::from_secs(30);

/// Failures in a row are counted below this.
const FAILURES_BEYOND_COUNT: u64 = 16_777_215;

impl Checker<'_> {
    pub(super) fn circuit_breaker(&mut self, raw: &Raw) -> Option<CircuitBreaker> {
        let before = self.errors.count();
        let mut setters = Setters::default();
        self.rules(raw, &mut setters);
        self.rates_have_what_they_need(raw);
        self.recovery(raw, &mut setters);
        let base = self.base(raw.policy.as_ref());
        let is_elsewhere = base.is_none() && setters.0.is_empty() && raw.name.is_some();
        let settings = Settings { base, setters: setters.0 };
        for value in settings.values() {
            self.shared("circuit breaker", value);
        }
        let given = GivenKeys {
            key: raw.key.as_ref(),
            max_keys: raw.max_keys.as_ref(),
            idle: raw.idle.as_ref(),
            overflow: raw.overflow.as_ref(),
        };
        let filter = self.filter(&raw.filter, Rejections::of(&[Rejection::TimedOut]));
        let breaker = CircuitBreaker {
            name: self.name(raw.name.as_ref()),
            keys: self.keys("breaker", &given),
            settings: (!is_elsewhere).then_some(settings),
            retry_after: self.callable("retry_after", raw.retry_after.as_ref(), "error"),
            fallback: self.own_fallback(raw.fallback.as_ref()),
            clones: self.own_clones(raw.clone.as_ref(), raw.fallback.as_ref()),
            map_err: self.callable("map_err", raw.map_err.as_ref(), "rejection"),
            success_on: self.success_on(raw.success_on.as_ref(), &filter),
            filter,
        };
        (self.errors.count() == before).then_some(breaker)
    }

    /// What opens the circuit.
    fn rules(&mut self, raw: &Raw, setters: &mut Setters) {
        let zero = "with 0 the circuit would never be closed";
        self.set_count(setters, "failure_threshold", raw.failure_threshold.as_ref(), zero);
        if let Some(given) = &raw.failure_threshold
            && number(&given.value).is_some_and(|threshold| threshold >= FAILURES_BEYOND_COUNT)
        {
            self.errors.on(
                &given.value,
                "`failure_threshold` must be below 16,777,215, as far as failures in a row are counted: write less, or \
                 judge by a share of the calls, `failure_rate = 0.5`",
            );
        }
        if let Some(given) = &raw.failure_rate {
            let value = self.rate("failure_rate", given);
            setters.add("failure_rate", value);
        }
        if let Some(given) = &raw.window {
            let value = self.window(given);
            setters.add("window", value);
        }
        let zero = "a rate of no calls says nothing";
        self.set_count(setters, "min_calls", raw.min_calls.as_ref(), zero);
        let zero = "every call would be slow";
        self.set_duration(setters, "slow_call", raw.slow_call.as_ref(), Some(zero));
        if let Some(given) = &raw.slow_rate {
            let value = self.rate("slow_rate", given);
            setters.add("slow_rate", value);
        }
    }

    /// A share of the calls.
    fn rate(&mut self, key: &str, given: &Valued) -> Option<Value> {
        self.fraction(given, &|rate| rate > 0.0 && rate <= 1.0, &|written| {
            let example = match written {
                // Meant as a percentage.
                Some(percent) if (2.0..=100.0).contains(&percent) => percent / 100.0,
                _ => 0.5,
            };
            format!("`{key}` is a share of the calls, above 0.0 and at most 1.0, all of them: write `{key} = {example}`")
        })
    }

    /// How many calls, or for how long.
    fn window(&mut self, given: &Valued) -> Option<Value> {
        let zero = "a rate over an empty window says nothing";
        let (variant, held) = match literal(&given.value) {
            Some(Lit::Int(_)) => ("Calls", self.count("window", given, zero)?),
            Some(Lit::Str(_)) => ("Time", self.duration("`window`", &given.value, Some(zero))?),
            Some(other) => {
                self.errors.on(
                    other,
                    "`window` is a number of calls or a length of time: write `window = 100` or `window = \"10s\"`",
                );
                return None;
            }
            None if negated(&given.value).is_some() => ("Calls", self.count("window", given, zero)?),
            None => return Some(self.expression(&given.value)),
        };
        Some(Value::Variant { ty: "Window", variant, holds: Some(Box::new(held)) })
    }

    fn rates_have_what_they_need(&mut self, raw: &Raw) {
        // What a policy of the user's says is known to the compiler only, which asks the runtime.
        if raw.policy.is_some() || !self.is_whole {
            return;
        }
        if let (Some(given), None) = (&raw.slow_rate, &raw.slow_call) {
            self.errors.at(
                given.key,
                "`slow_rate` is the share of slow calls, and no call is slow without `slow_call`: write `slow_call = \"2s\"` \
                 beside it",
            );
        } else if raw.failure_rate.is_none() && raw.slow_call.is_none() {
            for (key, given) in [("window", &raw.window), ("min_calls", &raw.min_calls)] {
                if let Some(given) = given {
                    self.errors.at(
                        given.key,
                        format!(
                            "`{key}` is about the calls that a rate is judged by, and there is no rate: write \
                             `failure_rate = 0.5` or `slow_call = \"2s\"` beside it"
                        ),
                    );
                }
            }
            return;
        }
        let (window, default) = match &raw.window {
            Some(given) => (number(&given.value), ""),
            None => (Some(WINDOW), ", the default"),
        };
        if let (Some(window), Some(given)) = (window, &raw.min_calls)
            && let Some(needed) = number(&given.value).filter(|needed| *needed > window)
            && window > 0
        {
            self.errors.on(
                &given.value,
                format!(
                    "the rate would never be judged: `min_calls` waits for {needed} calls, and `window` holds the last \
                     {window}{default}\nwrite at most {window} here, or `window = {needed}`"
                ),
            );
        }
    }

    /// How the circuit closes again.
    fn recovery(&mut self, raw: &Raw, setters: &mut Setters) {
        let zero = "an open circuit would refuse no call";
        self.set_duration(setters, "reset_timeout", raw.reset_timeout.as_ref(), Some(zero));
        if let Some(given) = &raw.reset_multiplier {
            let value = self.fraction(given, &|by| by.is_finite() && by >= 1.0, &|_| {
                "`reset_multiplier` is what the open time grows by when a trial fails, 1.0 or above: write \
                 `reset_multiplier = 2.0`"
                    .to_owned()
            });
            setters.add("reset_multiplier", value);
        }
        self.set_duration(setters, "max_reset_timeout", raw.max_reset_timeout.as_ref(), Some(zero));
        self.longest_open_time(raw, setters);
        if let Some(given) = &raw.reset_jitter {
            let value = self.fraction(given, &|share| (0.0..=1.0).contains(&share), &|_| {
                "`reset_jitter` is the share of the open time that chance decides on, from 0.0, none, to 1.0, all of it: \
                 write `reset_jitter = 0.1`"
                    .to_owned()
            });
            setters.add("reset_jitter", value);
        }
        let zero = "without a trial the circuit could never close again";
        self.set_count(setters, "half_open_max_calls", raw.half_open_max_calls.as_ref(), zero);
        let zero = "the circuit would close without a successful trial";
        self.set_count(setters, "success_threshold", raw.success_threshold.as_ref(), zero);
        let calls = match &raw.half_open_max_calls {
            Some(given) => number(&given.value),
            None if raw.policy.is_none() => Some(HALF_OPEN_MAX_CALLS),
            None => None,
        };
        if let (Some(calls), Some(given)) = (calls, &raw.success_threshold)
            && let Some(needed) = number(&given.value).filter(|needed| *needed > calls)
        {
            let default = if raw.half_open_max_calls.is_some() { "" } else { ", the default" };
            self.errors.on(
                &given.value,
                format!(
                    "the circuit could never close: `success_threshold` asks for {needed} successful trials, and \
                     `half_open_max_calls` admits {calls}{default}\nwrite at most {calls} here, or \
                     `half_open_max_calls = {needed}`"
                ),
            );
        }
    }

    fn longest_open_time(&mut self, raw: &Raw, setters: &Setters) {
        let grows = raw.reset_multiplier.is_some() || raw.retry_after.is_some() || raw.policy.is_some();
        if let (Some(given), false, true) = (&raw.max_reset_timeout, grows, self.is_whole) {
            self.errors.at(
                given.key,
                "the open time doesn't grow, so `max_reset_timeout` has no effect: write `reset_multiplier = 2.0` beside \
                 it, or leave it out",
            );
            return;
        }
        let of = |name| match setters.get(name) {
            Some(Value::Duration(duration)) => Some(*duration),
            _ => None,
        };
        let (first, default) = match &raw.reset_timeout {
            Some(_) => (of("reset_timeout"), ""),
            None if raw.policy.is_none() => (Some(RESET_TIMEOUT), ", the default"),
            None => (None, ""),
        };
        if let (Some(first), Some(longest), Some(given)) =
            (first, of("max_reset_timeout"), &raw.max_reset_timeout)
            && longest < first
        {
            self.errors.on(
                &given.value,
                format!(
                    "no open time could be so short: `max_reset_timeout` is {longest:?}, and `reset_timeout` is \
                     {first:?}{default}\nwrite at least {first:?} here, or a shorter `reset_timeout`"
                ),
            );
        }
    }
}
