//! Settings as plain values: every setter has a field, and the way from a policy to text and back loses nothing.

use std::fmt::Debug;
use std::time::Duration;

use resilience::{
    Backoff, BulkheadPolicy, BulkheadSettings, CircuitBreakerPolicy, CircuitBreakerSettings, ConfigError,
    HedgePolicy, HedgeSettings, Jitter, NamedBudget, RateLimitPolicy, RateLimitSettings, RateLimiter,
    RetryBudgetPolicy, RetryBudgetSettings, RetryPolicy, RetrySettings, TimeoutPolicy, TimeoutSettings,
    Window,
};
use serde_json::{Value, json};

use crate::support::{ms, secs};

const BUDGET: RetryBudgetPolicy = RetryBudgetPolicy::new().ratio(0.5).min_per_second(3);

/// Asserts that no step between a policy, its settings and their JSON loses anything.
fn assert_round_trip<P, S>(policy: P)
where
    P: Copy + Debug + PartialEq + TryFrom<S, Error = ConfigError>,
    S: Copy + Debug + PartialEq + From<P> + serde::Serialize + serde::de::DeserializeOwned,
{
    let settings = S::from(policy);
    assert_eq!(P::try_from(settings), Ok(policy));
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<S>(&json).unwrap(), settings, "{json}");
}

fn json_of(settings: impl serde::Serialize) -> Value {
    serde_json::to_value(settings).unwrap()
}

/// The error of settings that can't be read.
fn error_of<S: Debug + serde::de::DeserializeOwned>(json: Value) -> String {
    serde_json::from_value::<S>(json).unwrap_err().to_string()
}

#[test]
fn retry_settings_hold_what_each_setter_sets() {
    let policy = RetryPolicy::new()
        .max_attempts(7)
        .backoff(Backoff::Linear)
        .base_delay(ms(20))
        .multiplier(1.5)
        .max_delay(secs(90))
        .jitter(Jitter::Equal)
        .max_elapsed(secs(60))
        .max_retry_after(secs(7))
        .budget_with("settings retry", BUDGET);
    // Without `..`: a new field needs its setter here.
    let RetrySettings {
        max_attempts,
        backoff,
        base_delay,
        multiplier,
        max_delay,
        jitter,
        max_elapsed,
        max_retry_after,
        budget,
    } = policy.settings();
    assert_eq!((max_attempts, backoff, base_delay), (7, Backoff::Linear, ms(20)));
    assert_eq!((multiplier, max_delay, jitter), (Some(1.5), secs(90), Jitter::Equal));
    assert_eq!((max_elapsed, max_retry_after), (Some(secs(60)), secs(7)));
    let named = NamedBudget { name: "settings retry", settings: Some(BUDGET.settings()) };
    assert_eq!(budget, Some(named));
    assert_eq!(
        json_of(policy.settings()),
        json!({
            "max_attempts": 7,
            "backoff": "linear",
            "base_delay": "20ms",
            "multiplier": 1.5,
            "max_delay": "90s",
            "jitter": "equal",
            "max_elapsed": "60s",
            "max_retry_after": "7s",
            "budget": { "name": "settings retry", "ratio": 0.5, "min_per_second": 3 },
        })
    );
    assert_round_trip::<_, RetrySettings>(policy);
    assert_round_trip::<_, RetrySettings>(RetryPolicy::new());
    assert_eq!(RetrySettings::default(), RetryPolicy::new().settings());
}

#[test]
fn retry_settings_round_trip_for_every_backoff_jitter_and_budget() {
    for backoff in [Backoff::Constant, Backoff::Linear, Backoff::Exponential, Backoff::Fibonacci] {
        assert_round_trip::<_, RetrySettings>(RetryPolicy::new().backoff(backoff));
    }
    for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::Factor(0.25)] {
        assert_round_trip::<_, RetrySettings>(RetryPolicy::new().jitter(jitter));
    }
    let unlimited = RetryPolicy::new().unlimited_attempts().max_elapsed(secs(1)).budget("settings shared");
    assert_round_trip::<_, RetrySettings>(unlimited);
    let json = json_of(unlimited.settings());
    assert_eq!((&json["max_attempts"], &json["budget"]), (&json!("unlimited"), &json!("settings shared")));
}

#[test]
fn hedge_settings_hold_what_each_setter_sets() {
    let policy = HedgePolicy::new(secs(1)).after(ms(50)).max(2).budget_with("settings hedge", BUDGET);
    let HedgeSettings { after, max, budget } = policy.settings();
    let named = NamedBudget { name: "settings hedge", settings: Some(BUDGET.settings()) };
    assert_eq!((after, max, budget), (ms(50), 2, Some(named)));
    assert_round_trip::<_, HedgeSettings>(policy);
    assert_round_trip::<_, HedgeSettings>(HedgePolicy::new(Duration::ZERO).budget("settings hedge"));
}

#[test]
fn circuit_breaker_settings_hold_what_each_setter_sets() {
    let policy = CircuitBreakerPolicy::new()
        .failure_threshold(4)
        .failure_rate(0.4)
        .window(Window::Time(secs(10)))
        .min_calls(6)
        .slow_call(ms(300))
        .slow_rate(0.8)
        .reset_timeout(secs(5))
        .reset_multiplier(2.5)
        .max_reset_timeout(secs(120))
        .reset_jitter(0.1)
        .half_open_max_calls(9)
        .success_threshold(8);
    let CircuitBreakerSettings {
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
    } = policy.settings();
    assert_eq!((failure_threshold, failure_rate, window), (Some(4), Some(0.4), Some(Window::Time(secs(10)))));
    assert_eq!((min_calls, slow_call, slow_rate), (Some(6), Some(ms(300)), Some(0.8)));
    assert_eq!((reset_timeout, max_reset_timeout), (secs(5), Some(secs(120))));
    assert_eq!(json!([reset_multiplier, reset_jitter]), json!([2.5, 0.1]));
    assert_eq!((half_open_max_calls, success_threshold), (9, Some(8)));
    assert_eq!(json_of(policy.settings())["window"], json!("10s"));
    assert_round_trip::<_, CircuitBreakerSettings>(policy);
    assert_round_trip::<_, CircuitBreakerSettings>(policy.window(Window::Calls(50)));
    assert_round_trip::<_, CircuitBreakerSettings>(CircuitBreakerPolicy::new());
    assert_eq!(json_of(policy.window(Window::Calls(50)).settings())["window"], json!(50));
}

#[test]
fn timeout_bulkhead_and_budget_settings_hold_what_each_setter_sets() {
    let timeout = TimeoutPolicy::new(secs(1)).limit(ms(800));
    let TimeoutSettings { duration } = timeout.settings();
    assert_eq!(duration, ms(800));
    assert_round_trip::<_, TimeoutSettings>(timeout);

    let bulkhead = BulkheadPolicy::new(1).max_concurrent(16).max_wait(ms(100)).max_queue(64);
    let BulkheadSettings { max_concurrent, max_wait, max_queue } = bulkhead.settings();
    assert_eq!((max_concurrent, max_wait, max_queue), (16, ms(100), Some(64)));
    assert_round_trip::<_, BulkheadSettings>(bulkhead);
    assert_round_trip::<_, BulkheadSettings>(BulkheadPolicy::new(16));

    let RetryBudgetSettings { ratio, min_per_second } = BUDGET.settings();
    assert_eq!((json!(ratio), min_per_second), (json!(0.5), 3));
    assert_round_trip::<_, RetryBudgetSettings>(BUDGET);
    assert_round_trip::<_, RetryBudgetSettings>(RetryBudgetPolicy::new());
}

#[test]
fn rate_limit_settings_hold_what_each_setter_sets() {
    let policy = RateLimitPolicy::new()
        .rate(100)
        .per(secs(60))
        .burst(10)
        .max_wait(ms(250))
        .decrease(0.5)
        .increase(7.0)
        .min_rate(3.0)
        .safety(0.8);
    let RateLimitSettings { rate, per, burst, max_wait, decrease, increase, min_rate, safety } =
        policy.settings();
    assert_eq!((per, burst, max_wait), (secs(60), Some(10), ms(250)));
    assert_eq!((decrease, increase, min_rate), (Some(0.5), Some(7.0), Some(3.0)));
    assert_eq!(json!([rate, safety]), json!([100.0, 0.8]));
    assert_round_trip::<_, RateLimitSettings>(policy);
    assert_round_trip::<_, RateLimitSettings>(RateLimitPolicy::new().rate(1).per(Duration::MAX));
    // On a handle a rate may have a fraction.
    let limiter = RateLimiter::new("settings", policy).unwrap();
    limiter.set_rate(12.5).unwrap();
    assert_eq!(json_of(limiter.policy().settings())["rate"], json!(12.5));
    assert_round_trip::<_, RateLimitSettings>(limiter.policy());
}

#[test]
fn settings_that_can_not_work_are_an_error_that_names_the_setting() {
    fn refused<P: TryFrom<S, Error = ConfigError>, S>(settings: S) -> &'static str {
        let error = P::try_from(settings).err().expect("settings that can't work");
        assert!(error.to_string().contains(&format!("`{}`", error.setting())), "{error}");
        error.setting()
    }
    let retry = RetrySettings { jitter: Jitter::Factor(2.0), ..RetrySettings::default() };
    assert_eq!(refused::<RetryPolicy, _>(retry), "jitter");
    let hedge = HedgeSettings { max: 11, ..HedgePolicy::new(ms(1)).settings() };
    assert_eq!(refused::<HedgePolicy, _>(hedge), "max");
    let breaker = CircuitBreakerSettings { failure_rate: Some(50.0), ..CircuitBreakerSettings::default() };
    assert_eq!(refused::<CircuitBreakerPolicy, _>(breaker), "failure_rate");
    let bulkhead = BulkheadSettings { max_concurrent: 0, ..BulkheadPolicy::new(1).settings() };
    assert_eq!(refused::<BulkheadPolicy, _>(bulkhead), "max_concurrent");
    assert_eq!(refused::<TimeoutPolicy, _>(TimeoutSettings { duration: Duration::ZERO }), "duration");
    assert_eq!(refused::<RateLimitPolicy, _>(RateLimitSettings::default()), "rate");
    let budget = RetryBudgetSettings { ratio: f64::NAN, ..RetryBudgetSettings::default() };
    assert_eq!(refused::<RetryBudgetPolicy, _>(budget), "ratio");
    let named = NamedBudget { name: "settings", settings: Some(budget) };
    let retry = RetrySettings { budget: Some(named), ..RetrySettings::default() };
    assert_eq!(refused::<RetryPolicy, _>(retry), "ratio");
}

#[test]
fn missing_fields_have_their_default_or_are_an_error() {
    let retry: RetrySettings = serde_json::from_value(json!({ "max_attempts": 5 })).unwrap();
    assert_eq!(RetryPolicy::from_settings(retry), Ok(RetryPolicy::new().max_attempts(5)));
    let breaker: CircuitBreakerSettings = serde_json::from_value(json!({})).unwrap();
    assert_eq!(breaker, CircuitBreakerSettings::default());
    let budget = json!({ "budget": { "name": "settings of a budget", "ratio": 0.1 } });
    let retry: RetrySettings = serde_json::from_value(budget).unwrap();
    let expected =
        RetryPolicy::new().budget_with("settings of a budget", RetryBudgetPolicy::new().ratio(0.1));
    assert_eq!(RetryPolicy::from_settings(retry), Ok(expected));

    assert_eq!(error_of::<TimeoutSettings>(json!({})), "missing field `duration`");
    assert_eq!(error_of::<HedgeSettings>(json!({ "max": 2 })), "missing field `after`");
    assert_eq!(error_of::<BulkheadSettings>(json!({})), "missing field `max_concurrent`");
    assert_eq!(error_of::<RateLimitSettings>(json!({ "burst": 2 })), "missing field `rate`");
    assert_eq!(
        error_of::<RetrySettings>(json!({ "budget": { "ratio": 0.1 } })),
        "`budget`: missing field `name`"
    );
}

#[test]
fn durations_are_read_as_attributes_read_them() {
    let of = |text: &str| serde_json::from_value::<TimeoutSettings>(json!({ "duration": text }));
    let longest = format!("{:?}", Duration::MAX);
    for (text, duration) in [
        ("250ms", ms(250)),
        ("1.5s", ms(1500)),
        ("1m30s", secs(90)),
        ("1_000us", ms(1)),
        (&longest, Duration::MAX),
    ] {
        assert_eq!(of(text).unwrap(), TimeoutSettings { duration }, "{text}");
    }
    for duration in [Duration::from_nanos(1), Duration::from_nanos(1_500), secs(90), Duration::MAX] {
        assert_round_trip::<_, TimeoutSettings>(TimeoutPolicy::new(duration));
    }
    assert_eq!(
        of("5 s").unwrap_err().to_string(),
        "`duration`: a duration has no spaces in it: write \"5s\""
    );
}

#[test]
fn text_that_is_no_setting_is_an_error_that_names_the_field() {
    let retry = |json| error_of::<RetrySettings>(json);
    for (json, error) in [
        (json!({ "base_delay": 5 }), "`base_delay`: `5` has no unit"),
        (json!({ "base_delay": true }), "`base_delay`: invalid type: boolean `true`, expected a duration"),
        (json!({ "backoff": "cubic" }), "`backoff`: write \"exponential\""),
        (json!({ "jitter": "some" }), "`jitter`: write \"full\""),
        (json!({ "max_attempts": "many" }), "`max_attempts`: write a number"),
        (json!({ "max_attempts": -1 }), "`max_attempts`: write a number"),
        (json!({ "attempts": 1 }), "unknown field `attempts`, expected one of `max_attempts`"),
        (json!({ "budget": { "name": "b", "share": 1 } }), "`budget`: unknown field `share`"),
        (json!(3), "invalid type: integer `3`, expected the fields of `RetrySettings`"),
    ] {
        let told = retry(json.clone());
        assert!(told.starts_with(error), "{json}: {told}");
    }
    let breaker = error_of::<CircuitBreakerSettings>(json!({ "window": "ten" }));
    assert!(breaker.starts_with("`window`: there is no number"), "{breaker}");
    let twice = serde_json::from_str::<TimeoutSettings>(r#"{ "duration": "1s", "duration": "2s" }"#);
    assert!(twice.unwrap_err().to_string().starts_with("duplicate field `duration`"));
}

#[test]
fn a_custom_backoff_can_not_be_written() {
    let settings = RetryPolicy::new().backoff(Backoff::Custom(|_| Duration::ZERO)).settings();
    let error = serde_json::to_string(&settings).unwrap_err().to_string();
    assert_eq!(error, "a custom `backoff` is a function, which can't be written as text");
}

/// Each crate has a copy of the parser of durations.
#[test]
fn both_crates_have_the_same_grammar_of_durations() {
    let attributes = include_str!("../../resilience-macros/src/validate/duration.rs");
    let settings = include_str!("../../resilience-runtime/src/settings/duration.rs");
    assert!(
        attributes == settings,
        "cp resilience-macros/src/validate/duration.rs resilience-runtime/src/settings/duration.rs"
    );
}
