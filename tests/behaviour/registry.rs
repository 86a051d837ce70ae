//! What is known of the annotated functions before any of them is called.

use resilience::{
    BulkheadPolicy, NameProblem, PolicyKind, Site, bulkhead, catalog, circuit_breaker, fallback,
    get_bulkhead, get_circuit_breaker, retry, timeout, verify,
};

use crate::support::{Fault, named_here};

fn site(function: &str) -> &'static Site {
    let found: Vec<_> = catalog().into_iter().filter(|site| site.function() == function).collect();
    assert_eq!(found.len(), 1, "{function} stands in the catalogue once");
    found[0]
}

#[fallback(value = 9)]
#[timeout("2s")]
#[retry(max_attempts = 4, base_delay = "10ms")]
#[circuit_breaker(name = "registry: stack", failure_threshold = 7)]
#[bulkhead(name = "registry: stack", max_concurrent = 3, max_wait = "1s")]
#[timeout("500ms", name = "each")]
#[allow(dead_code)]
async fn stacked() -> Result<u32, Fault> {
    Ok(1)
}
const LINE_AFTER: u32 = line!();

#[test]
fn the_catalogue_lists_a_function_that_nobody_calls_with_its_policies_in_order() {
    let site = site(named_here!(stacked));
    let policies: Vec<_> = site.policies().iter().map(|policy| (policy.kind(), policy.name())).collect();
    let function = "behaviour::registry::stacked";
    assert_eq!(
        policies,
        [
            (PolicyKind::Fallback, function),
            (PolicyKind::Timeout, function),
            (PolicyKind::Retry, function),
            (PolicyKind::CircuitBreaker, "registry: stack"),
            (PolicyKind::Bulkhead, "registry: stack"),
            (PolicyKind::Timeout, "each"),
        ]
    );
    assert_eq!(site.file(), file!());
    assert_eq!(site.line(), LINE_AFTER - 3);
}

#[test]
fn the_catalogue_prints_as_a_table() {
    let text = catalog().to_string();
    let block = text.split("behaviour::registry::stacked").nth(1).unwrap();
    let lines: Vec<_> = block.lines().skip(1).take(6).map(str::trim).collect();
    let starts = ["fallback", "timeout", "retry", "circuit_breaker", "bulkhead", "timeout"];
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(lines[2].contains("4 attempts"), "{}", lines[2]);
    assert!(lines[3].contains("`registry: stack`") && lines[3].contains('7'), "{}", lines[3]);
    assert!(lines[5].contains("`each`") && lines[5].contains("500ms"), "{}", lines[5]);
}

#[test]
fn the_catalogue_is_in_the_order_of_the_source() {
    let catalog = catalog();
    let places: Vec<_> = catalog.iter().map(|site| (site.file(), site.line())).collect();
    assert!(places.is_sorted());
    assert_eq!(catalog.len(), places.len());
    assert!(!catalog.is_empty());
}

struct Service;

#[allow(dead_code)]
trait Work<T> {
    #[retry]
    fn by_default(&self, _: T) -> Option<()> {
        None
    }
    fn required<U: From<T>>(&self, value: T) -> Option<U>;
}

impl<T> Work<T> for Service {
    #[retry]
    fn required<U: From<T>>(&self, value: T) -> Option<U> {
        let _ = &value;
        None
    }
}

#[allow(dead_code)]
impl Service {
    #[retry]
    fn generic<const N: usize>(_: [u8; N]) -> Option<()> {
        None
    }
}

#[test]
fn generic_and_trait_functions_have_one_site_each_instantiated_or_not() {
    for function in [named_here!(by_default), named_here!(required), named_here!(generic)] {
        let kinds: Vec<_> = site(function).policies().iter().map(resilience::SitePolicy::kind).collect();
        assert_eq!(kinds, [PolicyKind::Retry], "{function}");
    }
}

// Two sites that give one name different settings. All other names of this binary agree.
mod conflicting {
    use super::{bulkhead, circuit_breaker};

    #[bulkhead(name = "registry: conflict", max_concurrent = 4)]
    #[allow(dead_code)]
    pub(crate) fn first() -> Option<()> {
        None
    }

    #[bulkhead(name = "registry: conflict", max_concurrent = 5)]
    #[allow(dead_code)]
    pub(crate) fn second() -> Option<()> {
        None
    }

    #[circuit_breaker(name = "registry: agreed", failure_threshold = 4)]
    #[allow(dead_code)]
    pub(crate) fn agreed() -> Option<()> {
        None
    }

    #[bulkhead(name = "registry: misspelt")]
    #[allow(dead_code)]
    pub(crate) fn misspelt() -> Option<()> {
        None
    }

    #[circuit_breaker(name = "registry: agreed", failure_threshold = 4)]
    #[allow(dead_code)]
    pub(crate) fn agreed_too() -> Option<()> {
        None
    }
}

#[test]
fn settings_that_disagree_are_reported_and_the_first_ones_hold() {
    let mut problems = Vec::from_iter(verify().unwrap_err());
    // The tests of keys, of budgets and of what is traced have conflicts of their own.
    problems.retain(|problem| problem.name().starts_with("registry: "));
    let [problem @ NameProblem::Conflict { kind, name, first, second, .. }, undeclared] = &problems[..]
    else {
        panic!("{problems:?}")
    };
    assert_eq!((*kind, *name), (PolicyKind::Bulkhead, "registry: conflict"));
    let line = |at: &str| at.rsplit(':').next().unwrap().parse::<u32>().unwrap();
    assert!(line(first) < line(second));
    let text = problem.to_string();
    for part in ["bulkhead `registry: conflict`", first, second] {
        assert!(text.contains(part), "{text}");
    }
    assert!(matches!(undeclared, NameProblem::Undeclared { name: "registry: misspelt", .. }), "{undeclared}");
    assert_eq!(get_bulkhead("registry: conflict").unwrap().policy(), BulkheadPolicy::new(4));
}

#[test]
fn what_is_wrong_with_names_is_an_error_with_a_line_for_each() {
    fn start() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        verify()?;
        Ok(())
    }
    let text = start().unwrap_err().to_string();
    let problems = verify().unwrap_err();
    assert_eq!(text, problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    for problem in &problems {
        let NameProblem::Conflict { name, first, second, .. } = problem else { continue };
        let line = text.lines().find(|line| line.contains(&format!("`{name}`"))).unwrap();
        assert!(line.contains(first) && line.contains(second), "{line}");
    }
    assert!(problems.len() > 1);
}

// Methods of one name in one module, without names of their own.
mod one_path {
    use super::{Fault, bulkhead, circuit_breaker, retry};

    pub(crate) struct First;
    pub(crate) struct Second;

    #[allow(dead_code)]
    impl First {
        #[retry]
        #[circuit_breaker(failure_threshold = 4)]
        pub(crate) fn get(&self) -> Result<u32, Fault> {
            Ok(1)
        }

        #[bulkhead(name = "registry: first", max_concurrent = 4)]
        pub(crate) fn put(&self) -> Option<u32> {
            Some(1)
        }
    }

    #[allow(dead_code)]
    impl Second {
        #[retry]
        #[circuit_breaker(failure_threshold = 5)]
        pub(crate) fn get(&self) -> Result<u32, Fault> {
            Ok(2)
        }

        #[bulkhead(name = "registry: second", max_concurrent = 4)]
        pub(crate) fn put(&self) -> Option<u32> {
            Some(2)
        }
    }
}

#[test]
fn verify_reports_unnamed_policies_of_one_path_that_a_look_up_cannot_tell_apart() {
    let path = "behaviour::registry::one_path::get";
    let problems = verify().unwrap_err();
    let found: Vec<_> =
        problems.iter().filter(|problem| problem.name().contains("registry::one_path")).collect();
    let [problem @ NameProblem::Ambiguous { kind, name, first, second, .. }] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((*kind, *name), (PolicyKind::CircuitBreaker, path));
    let line = |at: &str| at.rsplit(':').next().unwrap().parse::<u32>().unwrap();
    assert!(line(first) < line(second));
    let text = problem.to_string();
    for part in [path, first, second, "give each a `name`"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(
        get_circuit_breaker(path).unwrap().policy().to_string().contains("at 4 failures"),
        "the first one"
    );
}

mod keys {
    use super::{NameProblem, PolicyKind, bulkhead, circuit_breaker, verify};
    use resilience::{get_bulkhead, get_bulkhead_for, get_bulkheads};

    #[bulkhead(name = "keys: bounds", key = user, max_concurrent = 1)]
    fn without_bounds(user: u32) -> Option<u32> {
        Some(user)
    }

    #[bulkhead(name = "keys: bounds", key = user, max_keys = 8)]
    #[allow(dead_code)]
    fn first_bound(user: u32) -> Option<u32> {
        Some(user)
    }

    #[bulkhead(name = "keys: bounds", key = user, max_keys = 9, idle = "1h")]
    #[allow(dead_code)]
    fn another_bound(user: u32) -> Option<u32> {
        Some(user)
    }

    #[circuit_breaker(name = "keys: overflow", key = user, overflow = "share")]
    #[allow(dead_code)]
    fn overflow(user: u32) -> Option<u32> {
        Some(user)
    }

    #[circuit_breaker(name = "keys: overflow", key = user, overflow = "reject")]
    #[allow(dead_code)]
    fn another_overflow(user: u32) -> Option<u32> {
        Some(user)
    }

    #[circuit_breaker(name = "keys: idle", key = user, idle = "1h")]
    #[allow(dead_code)]
    fn idle(user: u32) -> Option<u32> {
        Some(user)
    }

    #[circuit_breaker(name = "keys: idle", key = user, idle = "2h")]
    #[allow(dead_code)]
    fn another_idle(user: u32) -> Option<u32> {
        Some(user)
    }

    #[bulkhead(name = "keys: partly", max_concurrent = 1)]
    fn unkeyed() -> Option<u32> {
        Some(1)
    }

    #[bulkhead(name = "keys: partly", key = user)]
    fn keyed(user: &str) -> Option<usize> {
        Some(user.len())
    }

    fn line(at: &str) -> u32 {
        at.rsplit(':').next().unwrap().parse().unwrap()
    }

    #[test]
    fn bounds_that_disagree_are_reported_and_the_first_ones_hold_for_all() {
        let problems = verify().unwrap_err();
        let of = |name| {
            let found: Vec<_> = problems.iter().filter(|problem| problem.name() == name).collect();
            assert_eq!(found.len(), 1, "{found:?}");
            found[0]
        };
        let problem = of("keys: bounds");
        let NameProblem::KeyBounds { kind: PolicyKind::Bulkhead, setting, first, second, .. } = problem
        else {
            panic!("{problem:?}")
        };
        assert_eq!(*setting, "max_keys");
        assert!(line(first) < line(second));
        let text = problem.to_string();
        for part in ["bulkhead `keys: bounds`", "`max_keys`", first, second] {
            assert!(text.contains(part), "{text}");
        }
        let idle = of("keys: idle");
        assert!(matches!(
            idle,
            NameProblem::KeyBounds { kind: PolicyKind::CircuitBreaker, setting: "idle", .. }
        ));
        let overflow = of("keys: overflow");
        assert!(matches!(overflow, NameProblem::KeyBounds { setting: "overflow", .. }));
        // The site that is called gives no bound, and has that of the name all the same.
        (0..100).for_each(|user| assert_eq!(without_bounds(user), Some(user)));
        assert!(get_bulkheads("keys: bounds").len() <= 8);
    }

    #[test]
    fn a_name_with_a_key_here_and_none_there_is_reported_and_its_two_sides_share_nothing() {
        let problems = verify().unwrap_err();
        let problem = problems.iter().find(|problem| problem.name() == "keys: partly").unwrap();
        let NameProblem::PartlyKeyed { kind: PolicyKind::Bulkhead, keyed: with, unkeyed: without, .. } =
            problem
        else {
            panic!("{problem:?}")
        };
        assert!(line(without) < line(with));
        let text = problem.to_string();
        for part in ["`keys: partly`", with, without] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!((unkeyed(), keyed("a")), (Some(1), Some(1)));
        let _slot = get_bulkhead("keys: partly").unwrap().try_acquire().unwrap();
        assert_eq!((unkeyed(), keyed("a")), (None, Some(1)));
        let of_key = get_bulkhead_for("keys: partly", "a").unwrap();
        assert_eq!(
            of_key.policy().to_string(),
            "1 at once, no waiting",
            "its settings are those of the name"
        );
    }
}

#[test]
fn look_ups_answer_for_declared_names_only() {
    assert!(get_circuit_breaker("registry: stack").is_some());
    assert!(get_bulkhead("registry: stack").is_some());
    assert!(get_circuit_breaker("registry: conflict").is_none(), "a bulkhead is no breaker");
    assert!(get_circuit_breaker("").is_none());
    assert!(get_bulkhead("behaviour::registry::stacked").is_none(), "it has a name of its own");
}

#[test]
fn handles_of_one_name_are_one_instance() {
    let (one, other) = (get_bulkhead("registry: stack").unwrap(), get_bulkhead("registry: stack").unwrap());
    let _slot = one.try_acquire().unwrap();
    assert_eq!(other.active_calls(), 1);
}

#[test]
fn threads_that_look_a_name_up_first_get_the_same_instance() {
    #[bulkhead(name = "registry: race", max_concurrent = 8)]
    fn call() -> Option<u32> {
        get_bulkhead("registry: race").map(|bulkhead| bulkhead.active_calls())
    }
    let barrier = std::sync::Barrier::new(4);
    let slots: Vec<_> = std::thread::scope(|scope| {
        let looking: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    get_bulkhead("registry: race").unwrap().try_acquire().unwrap()
                })
            })
            .collect();
        looking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(call(), Some(5));
    drop(slots);
    assert_eq!(call(), Some(1));
}

#[test]
fn closures_stand_in_the_catalogue_as_they_were_written() {
    #[fallback(
        |error| { eprintln!("{error}: {:?}", symbol.len()); Err(error) },
        |_| Ok(symbol.bytes().map(u32::from).sum::<u32>() / 2 - 1),
        |_: Fault| Ok(Vec::from([1, 2]).iter().find(|n| **n >= 2 && !symbol.is_empty()).copied().unwrap_or_default()),
        |error| other(
            symbol,
            error,
        )
        .map(|answer| answer + 1),
        value = <u32 as Default>::default()
    )]
    #[retry(retry_after = |_| None, base_delay = std::time::Duration::from_millis(symbol.len() as u64))]
    #[allow(dead_code)]
    fn spelt(symbol: &str) -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    #[allow(dead_code)]
    fn other(_: &str, error: Fault) -> Result<u32, Fault> {
        Err(error)
    }
    let policies = site(named_here!(spelt)).policies();
    let handlers = [
        r#"|error| { eprintln!("{error}: {:?}", symbol.len()); Err(error) }"#,
        "|_| Ok(symbol.bytes().map(u32::from).sum::<u32>() / 2 - 1)",
        "|_: Fault| Ok(Vec::from([1, 2]).iter().find(|n| **n >= 2 && !symbol.is_empty()).copied().unwrap_or_default())",
        "|error| other(symbol, error,).map(|answer| answer + 1)",
        "value = <u32 as Default>::default()",
    ];
    assert_eq!(policies[0].settings(), handlers.join(", then "));
    let retry = policies[1].settings();
    assert!(retry.ends_with("base_delay = std::time::Duration::from_millis(symbol.len() as u64)"), "{retry}");
}

#[test]
fn what_a_macro_writes_is_readable_in_the_catalogue() {
    macro_rules! answering {
        ($answer:expr) => {
            #[fallback(|_| Ok($answer))]
            #[allow(dead_code)]
            fn answered() -> Result<u32, Fault> {
                Err(Fault::Fatal)
            }
        };
    }
    answering!(u32::from(true) + 1);
    assert_eq!(site(named_here!(answered)).policies()[0].settings(), "|_| Ok(u32::from(true) + 1)");
}

#[cfg(feature = "testing")]
mod isolation {
    use std::sync::{Arc, Barrier};

    use super::{bulkhead, circuit_breaker, get_bulkhead, get_circuit_breaker, timeout};
    use resilience::testing::{ManualClock, isolated, isolated_async};
    use resilience::{TimeoutMetrics, get_hedge, get_timeout, hedge};

    use crate::support::{ms, named_here};

    #[circuit_breaker(name = "isolation: named", failure_threshold = 1)]
    fn named() -> Option<u32> {
        None
    }

    #[circuit_breaker(failure_threshold = 1)]
    fn unnamed(works: bool) -> Option<u32> {
        works.then_some(1)
    }

    #[bulkhead(name = "isolation: async", max_concurrent = 1)]
    async fn in_async() -> Option<u32> {
        tokio::task::yield_now().await;
        get_bulkhead("isolation: async").map(|bulkhead| bulkhead.active_calls())
    }

    #[test]
    fn a_test_has_instances_of_its_own_named_or_not() {
        for _ in 0..3 {
            isolated(|| {
                assert_eq!(named(), None);
                assert!(get_circuit_breaker("isolation: named").unwrap().try_acquire().is_err());
                assert_eq!(unnamed(true), Some(1));
                assert_eq!(unnamed(false), None);
                assert_eq!(unnamed(true), None, "open by now");
            });
        }
        assert!(get_circuit_breaker("isolation: named").unwrap().try_acquire().is_ok());
        assert_eq!(unnamed(true), Some(1));
    }

    #[tokio::test]
    async fn a_future_has_instances_of_its_own_at_every_poll() {
        let one = isolated_async(in_async());
        let other = isolated_async(in_async());
        assert_eq!(tokio::join!(one, other, in_async()), (Some(1), Some(1), Some(1)));
        let (first, second) = isolated_async(async { tokio::join!(in_async(), in_async()) }).await;
        assert_eq!((first, second), (Some(1), None), "one registry, one slot");
    }

    #[tokio::test]
    async fn hedges_and_timeouts_count_for_the_test_that_makes_them() {
        #[hedge(after = "0s")]
        async fn hedged() -> Option<u32> {
            tokio::task::yield_now().await;
            Some(1)
        }
        #[timeout("10ms", mode = "cooperative")]
        fn late(clock: &ManualClock) -> Result<u32, resilience::Error> {
            clock.advance(ms(10));
            Ok(1)
        }
        let seen = || {
            let hedge = get_hedge(named_here!(hedged)).unwrap().metrics();
            (hedge.made, get_timeout(named_here!(late)).unwrap().metrics().late)
        };
        for _ in 0..2 {
            let handles = isolated_async(async {
                assert_eq!(hedged().await, Some(1));
                late(&ManualClock::install()).unwrap_err();
                assert_eq!(seen(), (1, 1));
                (get_hedge(named_here!(hedged)).unwrap(), get_timeout(named_here!(late)).unwrap())
            });
            let (hedge, timeout) = handles.await;
            assert_eq!((hedge.metrics().made, timeout.metrics().late), (1, 1), "of the test that it is from");
        }
        assert_eq!(seen(), (0, 0));
    }

    #[test]
    fn a_body_that_hangs_is_counted_for_its_test_after_its_end_too() {
        #[timeout("1ms", mode = "detached")]
        fn hangs(release: Arc<Barrier>) -> Result<u32, resilience::Error> {
            release.wait();
            Ok(1)
        }
        let metrics = || get_timeout(named_here!(hangs)).unwrap().metrics();
        let release = Arc::new(Barrier::new(2));
        let handle = isolated(|| {
            // A thread may be slow to start; then the body was never begun, and nobody left it.
            while metrics().abandoned == 0 {
                hangs(Arc::clone(&release)).unwrap_err();
            }
            get_timeout(named_here!(hangs)).unwrap()
        });
        assert_eq!(metrics(), TimeoutMetrics::default());
        release.wait();
        while handle.metrics().abandoned > 0 {
            std::thread::yield_now();
        }
        assert_eq!((handle.metrics().late, metrics().late), (1, 0));
    }

    #[test]
    fn the_outer_registry_is_back_after_a_panic() {
        let caught = std::panic::catch_unwind(|| isolated(|| panic!("in the test")));
        assert!(caught.is_err());
        assert!(get_circuit_breaker("isolation: named").is_some());
        isolated(|| {
            isolated(|| get_circuit_breaker("isolation: named").unwrap().force_open());
            assert!(get_circuit_breaker("isolation: named").unwrap().try_acquire().is_ok());
        });
    }
}

mod ends_of_paths {
    use resilience::{
        Error, bulkhead, circuit_breaker, get_bulkhead, get_circuit_breaker, get_hedge, get_rate_limiter,
        get_timeout, hedge, rate_limit, timeout,
    };

    #[circuit_breaker]
    #[rate_limit(rate = 10)]
    #[bulkhead(max_concurrent = 3)]
    #[timeout("1s")]
    #[allow(dead_code)]
    async fn only_here() -> Result<u32, Error> {
        Ok(1)
    }

    #[hedge(after = "1s")]
    #[allow(dead_code)]
    async fn hedged_only_here() -> Result<u32, Error> {
        Ok(1)
    }

    #[bulkhead(name = "ends_of_paths::named_here", max_concurrent = 3)]
    #[allow(dead_code)]
    fn named() -> Option<u32> {
        Some(1)
    }

    mod other {
        use super::{Error, circuit_breaker, timeout};

        #[circuit_breaker]
        #[timeout("1s")]
        #[allow(dead_code)]
        async fn in_two_modules() -> Result<u32, Error> {
            Ok(1)
        }
    }

    #[circuit_breaker]
    #[timeout("1s")]
    #[allow(dead_code)]
    async fn in_two_modules() -> Result<u32, Error> {
        Ok(1)
    }

    #[test]
    fn look_ups_take_the_end_of_a_path_if_it_is_the_only_one() {
        for name in ["only_here", "ends_of_paths::only_here", "behaviour::registry::ends_of_paths::only_here"]
        {
            assert!(get_circuit_breaker(name).is_some(), "{name}");
            assert!(get_rate_limiter(name).is_some(), "{name}");
            assert_eq!(get_bulkhead(name).unwrap().available_slots(), 3, "{name}");
            assert!(get_timeout(name).is_some(), "{name}");
        }
        assert!(get_hedge("hedged_only_here").is_some() && get_hedge("only_here").is_none());
        assert!(get_circuit_breaker("ly_here").is_none(), "whole segments only");
        assert!(get_bulkhead("named_here").is_none(), "a name is no path");
        assert!(get_circuit_breaker("in_two_modules").is_none() && get_timeout("in_two_modules").is_none());
        assert!(get_circuit_breaker("other::in_two_modules").is_some());
        assert!(get_timeout("other::in_two_modules").is_some());
    }
}
