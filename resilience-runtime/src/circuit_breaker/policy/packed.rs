//! The settings in the form that a breaker keeps them in.

use std::time::Duration;

use super::{CircuitBreakerPolicy, CircuitBreakerSettings, Window};
use crate::clock::nanos;

/// A policy that can work, in little more than half of its bytes: what a setting can't be, zero, stands for one that
/// isn't given.
///
/// A time is kept in nanoseconds, the longest of which stand for ever: what is above 584 years is so long.
#[derive(Debug, PartialEq)]
pub(crate) struct Packed {
    window: Option<Window>,
    failure_rate: f64,
    slow_rate: f64,
    reset_multiplier: f64,
    reset_jitter: f64,
    slow_call: u64,
    reset_timeout: u64,
    max_reset_timeout: u64,
    failure_threshold: u32,
    min_calls: u32,
    half_open_max_calls: u32,
    success_threshold: u32,
}

impl Packed {
    /// Of a policy that was checked.
    pub(crate) fn new(policy: &CircuitBreakerPolicy) -> Self {
        let settings = policy.settings;
        Self {
            window: settings.window,
            failure_rate: settings.failure_rate.unwrap_or_default(),
            slow_rate: settings.slow_rate.unwrap_or_default(),
            reset_multiplier: settings.reset_multiplier,
            reset_jitter: settings.reset_jitter,
            slow_call: nanos(settings.slow_call.unwrap_or_default()),
            reset_timeout: nanos(settings.reset_timeout),
            max_reset_timeout: nanos(settings.max_reset_timeout.unwrap_or_default()),
            failure_threshold: settings.failure_threshold.unwrap_or_default(),
            min_calls: settings.min_calls.unwrap_or_default(),
            half_open_max_calls: settings.half_open_max_calls,
            success_threshold: settings.success_threshold.unwrap_or_default(),
        }
    }

    /// The policy that they were. Whoever asks it for one setting works only that one out.
    #[inline(always)]
    pub(crate) fn policy(&self) -> CircuitBreakerPolicy {
        let settings = CircuitBreakerSettings {
            failure_threshold: given(self.failure_threshold),
            failure_rate: given(self.failure_rate.to_bits()).map(f64::from_bits),
            window: self.window,
            min_calls: given(self.min_calls),
            slow_call: given(self.slow_call).map(time),
            slow_rate: given(self.slow_rate.to_bits()).map(f64::from_bits),
            reset_timeout: time(self.reset_timeout),
            reset_multiplier: self.reset_multiplier,
            max_reset_timeout: given(self.max_reset_timeout).map(time),
            reset_jitter: self.reset_jitter,
            half_open_max_calls: self.half_open_max_calls,
            success_threshold: given(self.success_threshold),
        };
        CircuitBreakerPolicy { settings }
    }
}

#[inline(always)]
fn given<T: Default + PartialEq>(setting: T) -> Option<T> {
    (setting != T::default()).then_some(setting)
}

#[inline(always)]
const fn time(nanos: u64) -> Duration {
    if nanos == u64::MAX { Duration::MAX } else { Duration::from_nanos(nanos) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times() -> impl Strategy<Value = Duration> {
        prop_oneof![Just(Duration::MAX), (1..u64::MAX).prop_map(Duration::from_nanos)]
    }

    fn windows() -> impl Strategy<Value = Window> {
        prop_oneof![(1..=u32::MAX).prop_map(Window::Calls), times().prop_map(Window::Time)]
    }

    /// A policy in which each setting is given or not.
    fn policies() -> impl Strategy<Value = CircuitBreakerPolicy> {
        let rate = || proptest::option::of(1e-9..=1.0);
        let rules = (
            proptest::option::of(1..1_000_u32),
            rate(),
            proptest::option::of(windows()),
            proptest::option::of(1..=u32::MAX),
            proptest::option::of(times()),
            rate(),
        );
        let recovery = (
            times(),
            1.0..=f64::MAX,
            proptest::option::of(times()),
            0.0..=1.0,
            1..=u32::MAX,
            proptest::option::of(1..=u32::MAX),
        );
        (rules, recovery).prop_map(|(rules, recovery)| {
            let (failure_threshold, failure_rate, window, min_calls, slow_call, slow_rate) = rules;
            let (reset_timeout, reset_multiplier, max_reset_timeout, reset_jitter, ..) = recovery;
            let (.., half_open_max_calls, success_threshold) = recovery;
            let settings = CircuitBreakerSettings {
                failure_threshold,
                failure_rate,
                window,
                min_calls,
                slow_call,
                slow_rate,
                reset_timeout,
                reset_multiplier,
                max_reset_timeout,
                reset_jitter,
                half_open_max_calls,
                success_threshold,
            };
            CircuitBreakerPolicy { settings }
        })
    }

    proptest! {
        #[test]
        #[cfg_attr(miri, ignore = "arithmetic of one thread, in more rounds than it has time for")]
        fn a_policy_comes_back_as_it_was(policy in policies()) {
            let settings = Packed::new(&policy);
            prop_assert_eq!(settings.policy(), policy);
            prop_assert_eq!(settings.policy().to_string(), policy.to_string());
        }
    }

    #[test]
    fn what_is_longer_than_584_years_is_for_ever() {
        let ages = Duration::from_secs(600 * 365 * 24 * 60 * 60);
        let policy = CircuitBreakerPolicy::new().reset_timeout(ages).slow_call(ages).max_reset_timeout(ages);
        let kept = Packed::new(&policy).policy();
        let for_ever = Duration::MAX;
        let expected = policy.reset_timeout(for_ever).slow_call(for_ever).max_reset_timeout(for_ever);
        assert_eq!(kept, expected);
        assert!(kept.validate().is_ok());
    }

    #[test]
    fn they_take_88_bytes() {
        assert_eq!(size_of::<Packed>(), 88);
    }
}
