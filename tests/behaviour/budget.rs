//! Retry budgets: what all retries of a name together may cost.

use std::sync::Barrier;
use std::time::Duration;

use resilience::{
    NameProblem, RetryBudget, RetryBudgetPolicy, RetryPolicy, circuit_breaker, defaults, get_circuit_breaker,
    get_retry_budget, retry, timeout, verify,
};

use crate::support::{Fault, Log, Runs, ms, secs, timed};

fn budget(name: &str) -> RetryBudget {
    get_retry_budget(name).unwrap_or_else(|| panic!("no budget `{name}`"))
}

/// What went in, came out, and was refused.
fn metrics(name: &str) -> (u64, u64, u64) {
    let metrics = budget(name).metrics();
    (metrics.deposits, metrics.withdrawals, metrics.refused)
}

#[tokio::test(start_paused = true)]
async fn a_dead_dependency_is_hit_once_a_call_and_by_the_ratio_and_the_minimum() {
    #[retry(max_attempts = 4, base_delay = "0s", budget(name = "dead", ratio = 0.2, min_per_second = 10))]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    for _ in 0..100 {
        call(&runs).await.unwrap_err();
    }
    // All in one moment: a fifth of the calls, and the minimum of one second.
    assert_eq!(runs.count(), 100 + 20 + 10);
    assert_eq!((metrics("dead").0, metrics("dead").1), (100, 30));
    assert_eq!(budget("dead").available(), 0);

    // In the long run: 50 calls a second, for a minute.
    let before = runs.count();
    for _ in 0..60 * 50 {
        tokio::time::advance(ms(20)).await;
        call(&runs).await.unwrap_err();
    }
    assert_eq!(runs.count() - before, 3_000 + 600 + 600);
}

#[test]
fn callers_at_once_hit_a_dead_dependency_no_more_than_one_after_the_other() {
    #[retry(
        max_attempts = 4,
        base_delay = "0s",
        budget(name = "dead at once", ratio = 0.2, min_per_second = 0)
    )]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    const CALLERS: u32 = 8;
    const CALLS: u32 = 250;
    let (runs, all) = (Runs::new(), Barrier::new(CALLERS as usize));
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                all.wait();
                for _ in 0..CALLS {
                    call(&runs).unwrap_err();
                }
            });
        }
    });
    let (deposits, withdrawals, _) = metrics("dead at once");
    assert_eq!(deposits, u64::from(CALLERS * CALLS));
    assert_eq!(u64::from(runs.count()), deposits + withdrawals);
    assert!((1..=deposits / 5).contains(&withdrawals), "{withdrawals} retries of {deposits} calls");
}

#[tokio::test(start_paused = true)]
async fn an_empty_budget_ends_the_retries_at_once_with_the_last_error() {
    #[retry(
        max_attempts = 9, backoff = "constant", base_delay = "1s", jitter = "none",
        budget(name = "empty", ratio = 0.0, min_per_second = 1),
        on_retry = |event| log.push(event.attempt()),
    )]
    async fn call(runs: &Runs, log: &Log<u32>) -> Result<u32, Fault> {
        runs.fail()
    }
    let (runs, log) = (Runs::new(), Log::new());
    assert!(budget("empty").try_withdraw());
    assert_eq!(timed(call(&runs, &log)).await, (Err(Fault::Transient(1)), Duration::ZERO));
    assert!(log.take().is_empty(), "there is no retry to tell of");
    tokio::time::advance(secs(1)).await;
    // A second later there is a token, and one second after that the next.
    assert_eq!(timed(call(&runs, &log)).await.1, secs(8));
    assert_eq!((runs.count(), log.take()), (10, (1..=8).collect()));
}

#[test]
fn a_sync_function_has_it_too() {
    #[retry(max_attempts = 9, base_delay = "0s", budget(name = "sync", ratio = 0.5, min_per_second = 0))]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    assert_eq!(call(&runs), Err(Fault::Transient(1)));
    assert_eq!(call(&runs), Err(Fault::Transient(3)));
    assert_eq!(metrics("sync"), (2, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn healthy_calls_pay_for_the_retries_of_the_sick_ones_for_ten_seconds() {
    #[retry(max_attempts = 99, base_delay = "0s", budget(name = "healthy", ratio = 0.1, min_per_second = 0))]
    async fn call(works: bool, runs: &Runs) -> Result<u32, Fault> {
        if works { Ok(runs.hit()) } else { runs.fail() }
    }
    let runs = Runs::new();
    for _ in 0..100 {
        call(true, &runs).await.unwrap();
    }
    assert_eq!((budget("healthy").available(), metrics("healthy")), (10, (100, 0, 0)));
    tokio::time::advance(secs(9)).await;
    call(false, &runs).await.unwrap_err();
    assert_eq!(runs.count(), 100 + 1 + 10);
    for _ in 0..100 {
        call(true, &runs).await.unwrap();
    }
    tokio::time::advance(secs(10)).await;
    assert_eq!(budget("healthy").available(), 0);
    let before = runs.count();
    call(false, &runs).await.unwrap_err();
    assert_eq!(runs.count() - before, 1);
}

#[test]
fn a_name_is_shared_and_its_settings_may_stand_at_one_of_those_who_share_it() {
    #[retry(max_attempts = 9, base_delay = "0s", budget = "shared")]
    fn one(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    #[retry(max_attempts = 9, base_delay = "0s", budget(name = "shared", ratio = 0.0, min_per_second = 3))]
    fn two(runs: &Runs) -> Option<u32> {
        runs.fail().ok()
    }
    assert_eq!(budget("shared").name(), "shared");
    assert_eq!(budget("shared").policy(), RetryBudgetPolicy::new().ratio(0.0).min_per_second(3));
    let runs = Runs::new();
    one(&runs).unwrap_err();
    assert_eq!(runs.count(), 4, "the three retries of the minimum");
    assert_eq!(two(&runs), None);
    assert_eq!(runs.count(), 5, "of which none is left");
    assert_eq!(metrics("shared"), (2, 3, 2));
}

#[test]
fn a_name_without_settings_has_the_defaults() {
    #[retry(budget = "by default")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    assert_eq!(call(), Ok(1));
    assert_eq!(budget("by default").policy(), RetryBudgetPolicy::new());
    assert!((defaults::RETRY_BUDGET_RATIO - 0.2).abs() < f64::EPSILON);
    assert_eq!(defaults::RETRY_BUDGET_MIN_PER_SECOND, 10);
    assert_eq!(defaults::RETRY_BUDGET_TTL, secs(10));
}

#[test]
fn it_is_found_before_the_first_call_and_unknown_names_are_not() {
    #[retry(budget = "never called")]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let _: fn() -> Result<u32, Fault> = call;
    assert_eq!(budget("never called").available(), 10);
    assert!(get_retry_budget("nobody's").is_none());
    assert!(get_retry_budget("").is_none(), "a policy without a budget has no name either");
}

#[test]
fn it_may_come_from_a_policy_and_from_constants() {
    const RATIO: f64 = 0.5;
    const POLICY: RetryPolicy = RetryPolicy::new()
        .max_attempts(9)
        .base_delay(Duration::ZERO)
        .budget_with("of a policy", RetryBudgetPolicy::new().ratio(RATIO).min_per_second(0));
    #[retry(policy = POLICY)]
    fn as_it_is(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    #[retry(policy = POLICY, budget(name = "overridden", ratio = RATIO, min_per_second = 0))]
    fn overridden(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    #[retry(policy = POLICY.max_attempts(attempts))]
    fn of_the_call(attempts: u32, runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    for _ in 0..2 {
        as_it_is(&Runs::new()).unwrap_err();
        overridden(&Runs::new()).unwrap_err();
    }
    assert_eq!(metrics("of a policy"), (2, 1, 2));
    assert_eq!(metrics("overridden"), (2, 1, 2));
    of_the_call(9, &Runs::new()).unwrap_err();
    of_the_call(9, &Runs::new()).unwrap_err();
    assert_eq!(metrics("of a policy"), (4, 2, 4));
}

#[test]
fn by_hand_it_is_the_same_one() {
    const POLICY: RetryPolicy = RetryPolicy::new().base_delay(Duration::ZERO).budget("by hand");
    const ALONE: RetryPolicy = RetryPolicy::new()
        .base_delay(Duration::ZERO)
        .budget_with("by hand alone", RetryBudgetPolicy::new().ratio(0.0).min_per_second(1));
    #[retry(policy = POLICY, budget(name = "by hand", ratio = 1.0, min_per_second = 0))]
    fn declared(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    assert_eq!(POLICY.call(|| Runs::new().fail()).unwrap_err().attempts, 2);
    assert_eq!(declared(&Runs::new()), Err(Fault::Transient(2)));
    assert_eq!(metrics("by hand"), (2, 2, 2));

    assert!(get_retry_budget("by hand alone").is_none());
    assert_eq!(ALONE.call(|| Runs::new().fail()).unwrap_err().attempts, 2);
    assert_eq!(metrics("by hand alone"), (1, 1, 1));
}

#[test]
fn an_open_circuit_takes_nothing_out() {
    #[retry(max_attempts = 9, base_delay = "0s", budget(name = "circuit", ratio = 1.0, min_per_second = 10))]
    #[circuit_breaker(name = "of a budget", failure_threshold = 1, reset_timeout = "1m")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    assert!(call(&runs).unwrap_err().refusal().is_circuit_open());
    // The first attempt failed, and the retry of it was refused by the circuit.
    assert_eq!((runs.count(), metrics("circuit")), (1, (1, 1, 0)));
    assert!(call(&runs).unwrap_err().refusal().is_circuit_open());
    assert_eq!((runs.count(), metrics("circuit")), (1, (2, 1, 0)));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_an_open_circuit_takes_nothing_out() {
    #[retry(
        max_attempts = 3,
        base_delay = "0s",
        rejected(circuit_open),
        budget(name = "waits", ratio = 0.0, min_per_second = 1)
    )]
    #[circuit_breaker(name = "waited for by a budget", failure_threshold = 1, reset_timeout = "10s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        Ok(runs.hit())
    }
    get_circuit_breaker("waited for by a budget").unwrap().try_acquire().unwrap().failure();
    assert_eq!(timed(call(&Runs::new())).await, (Ok(1), secs(10)));
    assert_eq!(metrics("waits"), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_there_is_no_time_for_takes_nothing_out() {
    #[timeout("1s")]
    #[retry(max_attempts = 9, base_delay = delay, jitter = "none", budget = "no time")]
    async fn call(delay: Duration, runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    assert_eq!(timed(call(secs(2), &Runs::new())).await, (Err(Fault::Transient(1)), Duration::ZERO));
    assert_eq!(metrics("no time"), (1, 0, 0));
}

#[test]
fn the_catalogue_and_the_explanation_name_it() {
    #[retry(max_attempts = 2, budget(name = "listed", ratio = 0.25, min_per_second = 5))]
    fn call() -> Result<u32, Fault> {
        Ok(1)
    }
    let _ = call();
    let catalog = resilience::catalog();
    let site = catalog.iter().find(|site| site.policies()[0].settings().contains("`listed`")).unwrap();
    let settings = site.policies()[0].settings();
    assert!(settings.ends_with("budget `listed` of 0.25 retries a call and 5 a second"), "{settings}");
    let explained = site.explain().to_string();
    assert!(explained.contains("as long as the budget `listed` lasts"), "{explained}");
}

#[test]
fn settings_that_differ_are_reported() {
    #[retry(budget(name = "budget: differing", ratio = 0.1))]
    fn one() -> Result<u32, Fault> {
        Ok(1)
    }
    #[retry(budget(name = "budget: differing", ratio = 0.2))]
    fn two() -> Result<u32, Fault> {
        Ok(1)
    }
    let _ = (one(), two());
    let problems = verify().unwrap_err();
    let problem = problems.iter().find(|problem| problem.name() == "budget: differing").unwrap();
    assert!(matches!(problem, NameProblem::Conflict { .. }));
    let text = problem.to_string();
    assert!(text.starts_with("retry budget `budget: differing` has the settings given at "), "{text}");
    assert_eq!(budget("budget: differing").policy(), RetryBudgetPolicy::new().ratio(0.1));
}

#[test]
fn one_can_be_made_and_used_by_hand() {
    let budget = RetryBudget::new("own", RetryBudgetPolicy::new().ratio(1.0).min_per_second(0)).unwrap();
    budget.deposit();
    assert_eq!(budget.available(), 1);
    assert!(budget.clone().try_withdraw());
    assert!(!budget.try_withdraw());
    assert!(get_retry_budget("own").is_none());
    for blank in ["", " ", "\u{a0}"] {
        assert_eq!(RetryBudget::new(blank, RetryBudgetPolicy::new()).unwrap_err().setting(), "name");
        assert_eq!(RetryPolicy::new().budget(blank).validate().unwrap_err().setting(), "budget");
    }
    for policy in [
        RetryBudgetPolicy::new().ratio(1.1),
        RetryBudgetPolicy::new().ratio(-0.1),
        RetryBudgetPolicy::new().ratio(f64::NAN),
        RetryBudgetPolicy::new().ratio(0.000_01),
        RetryBudgetPolicy::new().ratio(0.0).min_per_second(0),
    ] {
        assert_eq!(RetryBudget::new("own", policy).unwrap_err().setting(), "ratio", "{policy}");
    }
}
