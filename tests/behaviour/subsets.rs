//! Every subset of the attributes, sync and async: 32 × 3 functions, and what each must do by what stands on it.

use std::sync::Arc;

use resilience::{CircuitState, catalog, get_bulkhead, get_circuit_breaker};

use crate::support::{Fault, Runs, panic_of};

/// What the body does.
#[derive(Clone, Copy, PartialEq)]
enum Task {
    Work,
    Fail,
    Panic,
    Hang,
}

const ANSWER: u32 = 1_000;
const FALLEN: u32 = 9_000;

/// What stands on the function.
struct Subset {
    function: &'static str,
    attributes: &'static [&'static str],
}

impl Subset {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.contains(&attribute)
    }

    fn attempts(&self) -> u32 {
        if self.has("retry") { 3 } else { 1 }
    }

    /// What a body that always fails comes to.
    fn failed(&self, error: Fault) -> Result<u32, Fault> {
        if self.has("fallback") { Ok(FALLEN) } else { Err(error) }
    }

    /// Called inside of the body.
    fn check_body(&self) {
        assert_eq!(resilience::deadline().is_some(), self.has("timeout"));
        let active = get_bulkhead(self.function).map(|bulkhead| bulkhead.active_calls());
        assert_eq!(active, self.has("bulkhead").then_some(1));
    }

    fn run(&self, task: Task, runs: &Runs) -> Result<u32, Fault> {
        self.check_body();
        let run = runs.hit();
        match task {
            Task::Work => Ok(ANSWER),
            Task::Fail => Err(Fault::Transient(run)),
            Task::Panic => panic!("run {run}"),
            Task::Hang => unreachable!("hanging is the caller's part"),
        }
    }

    /// Called after everything: nothing is held, and each policy has seen what it had to.
    fn check_policies(&self, successes: u64, failures: u64) {
        let bulkhead = get_bulkhead(self.function);
        assert_eq!(bulkhead.is_some(), self.has("bulkhead"));
        if let Some(bulkhead) = bulkhead {
            assert_eq!((bulkhead.available_slots(), bulkhead.queued()), (2, 0));
        }
        let breaker = get_circuit_breaker(self.function);
        assert_eq!(breaker.is_some(), self.has("circuit_breaker"));
        if let Some(breaker) = breaker {
            let metrics = breaker.metrics();
            assert_eq!((metrics.success, metrics.failure, metrics.ignored), (successes, failures, 0));
            assert_eq!(breaker.state(), CircuitState::Closed);
        }
        let sites: Vec<_> = catalog().into_iter().filter(|site| site.function() == self.function).collect();
        let listed: Vec<_> =
            sites.iter().flat_map(|site| site.policies()).map(|policy| policy.kind().as_str()).collect();
        assert_eq!(listed, self.attributes);
        assert_eq!(sites.len(), usize::from(!self.attributes.is_empty()));
    }
}

/// Chooses: each step has a module with the attribute and one without.
macro_rules! choose {
    ([$($chosen:ident)*] $next:ident $without:ident, $($rest:tt)*) => {
        mod $next {
            choose!([$($chosen)* $next] $($rest)*);
        }
        mod $without {
            choose!([$($chosen)*] $($rest)*);
        }
    };
    ([$($chosen:ident)*]) => {
        use crate::subsets::{ANSWER, Subset, Task, Arc, Fault, Runs, panic_of};

        const ATTRIBUTES: &[&str] = &[$(stringify!($chosen)),*];

        fn subset(function: &'static str) -> Subset {
            Subset { function, attributes: ATTRIBUTES }
        }

        stand!([] cooperative, $($chosen)* => fn sync_call(task: Task, runs: &Runs) -> Result<u32, Fault> {
            subset(concat!(module_path!(), "::sync_call")).run(task, runs)
        });

        stand!([] detached(runs), $($chosen)* => fn detached_call(task: Task, runs: Arc<Runs>) -> Result<u32, Fault> {
            subset(concat!(module_path!(), "::detached_call")).run(task, &runs)
        });

        stand!([] asynchronous, $($chosen)* => async fn async_call(task: Task, runs: &Runs) -> Result<u32, Fault> {
            tokio::task::yield_now().await;
            if task == Task::Hang {
                runs.hit();
                std::future::pending::<()>().await;
            }
            subset(concat!(module_path!(), "::async_call")).run(task, runs)
        });

        #[test]
        fn a_sync_function_has_what_stands_on_it() {
            let subset = subset(concat!(module_path!(), "::sync_call"));
            let attempts = subset.attempts();
            let runs = Runs::new();
            assert_eq!(sync_call(Task::Work, &runs), Ok(ANSWER));
            assert_eq!(runs.count(), 1);
            assert_eq!(sync_call(Task::Fail, &runs), subset.failed(Fault::Transient(1 + attempts)));
            assert_eq!(runs.count(), 1 + attempts);
            assert_eq!(panic_of(|| sync_call(Task::Panic, &runs)), format!("run {}", 2 + attempts));
            assert_eq!(runs.count(), 2 + attempts, "a panic is neither retried nor answered");
            subset.check_policies(1, u64::from(attempts) + 1);
        }

        #[test]
        fn a_detached_function_has_what_stands_on_it() {
            let subset = subset(concat!(module_path!(), "::detached_call"));
            let attempts = subset.attempts();
            let runs = Arc::new(Runs::new());
            assert_eq!(detached_call(Task::Work, Arc::clone(&runs)), Ok(ANSWER));
            assert_eq!(runs.count(), 1);
            assert_eq!(
                detached_call(Task::Fail, Arc::clone(&runs)),
                subset.failed(Fault::Transient(1 + attempts))
            );
            assert_eq!(runs.count(), 1 + attempts);
            let text = panic_of(|| detached_call(Task::Panic, Arc::clone(&runs)));
            assert_eq!(text, format!("run {}", 2 + attempts));
            assert_eq!(runs.count(), 2 + attempts, "a panic is neither retried nor answered");
            subset.check_policies(1, u64::from(attempts) + 1);
        }

        #[tokio::test(start_paused = true)]
        async fn an_async_function_has_what_stands_on_it() {
            let subset = subset(concat!(module_path!(), "::async_call"));
            let attempts = subset.attempts();
            let runs = Arc::new(Runs::new());
            assert_eq!(async_call(Task::Work, &runs).await, Ok(ANSWER));
            assert_eq!(runs.count(), 1);
            assert_eq!(async_call(Task::Fail, &runs).await, subset.failed(Fault::Transient(1 + attempts)));
            assert_eq!(runs.count(), 1 + attempts);

            let task = tokio::spawn({
                let runs = Arc::clone(&runs);
                async move { async_call(Task::Panic, &runs).await }
            });
            assert!(task.await.unwrap_err().is_panic());
            assert_eq!(runs.count(), 2 + attempts, "a panic is neither retried nor answered");
            subset.check_policies(1, u64::from(attempts) + 1);
            // A success between the failures, so that the circuit stays closed.
            assert_eq!(async_call(Task::Work, &runs).await, Ok(ANSWER));

            if subset.has("timeout") {
                let before = runs.count();
                match async_call(Task::Hang, &runs).await {
                    Ok(answer) => assert_eq!((answer, subset.has("fallback")), (crate::subsets::FALLEN, true)),
                    Err(fault) => assert!(!subset.has("fallback") && fault.refusal().is_timed_out()),
                }
                assert_eq!(runs.count() - before, attempts);
                subset.check_policies(2, 2 * u64::from(attempts) + 1);
            }
        }
    };
}

/// Writes the attributes on the function.
macro_rules! stand {
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, fallback $($rest:ident)* => $($function:tt)*) => {
        stand!(
            [$($on)* #[resilience::fallback(value = crate::subsets::FALLEN)]]
            $mode $(($runs))?, $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] detached($runs:ident), retry $($rest:ident)* => $($function:tt)*) => {
        stand!(
            [$($on)* #[resilience::retry(max_attempts = 3, base_delay = "0s", clone($runs))]]
            detached($runs), $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, retry $($rest:ident)* => $($function:tt)*) => {
        stand!(
            [$($on)* #[resilience::retry(max_attempts = 3, base_delay = "0s")]]
            $mode $(($runs))?, $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, circuit_breaker $($rest:ident)* => $($function:tt)*) => {
        stand!(
            [$($on)* #[resilience::circuit_breaker(failure_threshold = 5)]]
            $mode $(($runs))?, $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, bulkhead $($rest:ident)* => $($function:tt)*) => {
        stand!(
            [$($on)* #[resilience::bulkhead(max_concurrent = 2, max_wait = "1s")]]
            $mode $(($runs))?, $($rest)* => $($function)*
        );
    };
    ([$($on:tt)*] cooperative, timeout => $($function:tt)*) => {
        stand!([$($on)* #[resilience::timeout("1m", mode = "cooperative")]] cooperative, => $($function)*);
    };
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, timeout => $($function:tt)*) => {
        stand!([$($on)* #[resilience::timeout("1m")]] $mode, => $($function)*);
    };
    ([$($on:tt)*] $mode:ident $(($runs:ident))?, => $($function:tt)*) => {
        $($on)* $($function)*
    };
}

choose!([]
    fallback no_fallback,
    retry no_retry,
    circuit_breaker no_circuit_breaker,
    bulkhead no_bulkhead,
    timeout no_timeout,
);
