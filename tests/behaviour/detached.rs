//! Detached sync timeouts together with everything else that may stand on a function.

use std::sync::Arc;
use std::sync::mpsc;

use resilience::{bulkhead, circuit_breaker, fallback, get_bulkhead, get_circuit_breaker, retry, timeout};

use crate::support::{Fault, Runs, named_here, panic_of};

#[test]
fn a_generic_body_takes_owned_arguments_along() {
    #[timeout("1h")]
    fn call<T, const N: usize>(values: [T; N], fold: impl Fn(T) -> u32 + Send + 'static) -> Result<u32, Fault>
    where
        T: Send + 'static,
    {
        Ok(values.into_iter().map(fold).sum())
    }
    assert_eq!(call(["a", "bc"], |text| u32::try_from(text.len()).unwrap()), Ok(3));
}

#[test]
fn a_method_by_value_takes_itself_along() {
    struct Job(Vec<u32>);
    impl Job {
        #[timeout("1h")]
        fn run(self) -> Result<u32, Fault> {
            Ok(self.0.into_iter().sum())
        }

        #[timeout("1h")]
        fn shared(self: Arc<Self>, by: u32) -> Result<u32, Fault> {
            Ok(self.0.iter().sum::<u32>() + by)
        }
    }
    assert_eq!(Job(vec![1, 2]).run(), Ok(3));
    assert_eq!(Arc::new(Job(vec![1, 2])).shared(4), Ok(7));
}

#[test]
fn a_mut_argument_and_a_pattern_go_along() {
    #[timeout("1h")]
    fn call(mut log: Vec<u32>, (left, right): (u32, u32), _unused: String) -> Result<Vec<u32>, Fault> {
        log.extend([left, right]);
        Ok(log)
    }
    assert_eq!(call(vec![1], (2, 3), String::new()), Ok(vec![1, 2, 3]));
}

#[test]
fn a_static_borrow_goes_along() {
    static RUNS: Runs = Runs::new();
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1h")]
    fn call(runs: &'static Runs, text: &'static str) -> Result<&'static str, Fault> {
        runs.works_at(3)?;
        Ok(text)
    }
    assert_eq!(call(&RUNS, "text"), Ok("text"));
    assert_eq!(RUNS.count(), 3);
}

#[test]
fn the_whole_stack_stands_above_one() {
    #[fallback(|error| Ok(format!("{name} after {error}")))]
    #[retry(max_attempts = 3, base_delay = "0s", clone(name, runs))]
    #[circuit_breaker(failure_threshold = 9)]
    #[bulkhead(max_concurrent = 1)]
    #[timeout("1h")]
    fn stacked(name: String, runs: Arc<Runs>) -> Result<String, Fault> {
        runs.fail()?;
        Ok(name)
    }
    let runs = Arc::new(Runs::new());
    let answer = stacked("name".to_owned(), Arc::clone(&runs));
    assert_eq!(answer, Ok("name after transient fault of run 3".to_owned()));
    assert_eq!(get_circuit_breaker(named_here!(stacked)).unwrap().metrics().failure, 3);
    assert_eq!(get_bulkhead(named_here!(stacked)).unwrap().available_slots(), 1);
}

#[test]
fn one_slot_is_enough_for_one_attempt_after_the_other() {
    #[retry(max_attempts = 50, base_delay = "0s", rejected(), clone(runs))]
    #[bulkhead(max_concurrent = 1)]
    #[timeout("1h")]
    fn call(runs: Arc<Runs>) -> Result<u32, Fault> {
        runs.works_at(50)
    }
    // A slot that came back too late would refuse the next attempt.
    assert_eq!(call(Arc::new(Runs::new())), Ok(50));
}

#[test]
fn policies_below_one_run_on_its_thread() {
    #[timeout("1h")]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker(failure_threshold = 9)]
    #[bulkhead(max_concurrent = 1)]
    fn below(runs: Arc<Runs>) -> Result<(u32, bool), Fault> {
        let name = std::thread::current().name().map(str::to_owned);
        runs.works_at(3).map(|run| (run, name.is_some_and(|name| name.starts_with("resilience"))))
    }
    assert_eq!(below(Arc::new(Runs::new())), Ok((3, true)));
    let metrics = get_circuit_breaker(named_here!(below)).unwrap().metrics();
    assert_eq!((metrics.success, metrics.failure), (1, 2));
}

#[test]
fn a_panic_below_one_is_counted_once_and_passed_on() {
    #[fallback(value = 9)]
    #[retry(max_attempts = 3, base_delay = "0s", clone(runs))]
    #[circuit_breaker(failure_threshold = 9)]
    #[timeout("1h")]
    fn panics(runs: Arc<Runs>) -> Result<u32, Fault> {
        if runs.hit() == 2 { panic!("at the second run") } else { Err(Fault::Fatal) }
    }
    let runs = Arc::new(Runs::new());
    assert_eq!(panic_of(|| panics(Arc::clone(&runs))), "at the second run");
    assert_eq!(runs.count(), 2);
    assert_eq!(get_circuit_breaker(named_here!(panics)).unwrap().metrics().failure, 2);
}

#[test]
fn a_timeout_of_one_is_retried_and_answered() {
    // Each body waits for what never comes while its sender lives.
    #[fallback(value = 9)]
    #[retry(max_attempts = 3, base_delay = "0s", clone(go, runs))]
    #[circuit_breaker(failure_threshold = 9)]
    #[timeout("5ms")]
    fn hangs(go: Arc<std::sync::Mutex<mpsc::Receiver<()>>>, runs: Arc<Runs>) -> Result<u32, Fault> {
        runs.hit();
        let _ = go.lock().unwrap().recv();
        Ok(1)
    }
    let (release, go) = mpsc::channel();
    let runs = Arc::new(Runs::new());
    assert_eq!(hangs(Arc::new(std::sync::Mutex::new(go)), Arc::clone(&runs)), Ok(9));
    assert_eq!(get_circuit_breaker(named_here!(hangs)).unwrap().metrics().failure, 3);
    assert!(runs.count() <= 3, "a body whose thread came too late never began");
    drop(release);
}

#[test]
fn a_cooperative_limit_may_stand_above_one() {
    #[timeout("1h", mode = "cooperative")]
    #[retry(max_attempts = 3, base_delay = "0s", clone(runs))]
    #[timeout("1m")]
    fn call(runs: Arc<Runs>) -> Result<u64, Fault> {
        runs.works_at(3)?;
        Ok(resilience::deadline().map_or(0, |deadline| deadline.remaining().as_secs()))
    }
    assert!(call(Arc::new(Runs::new())).is_ok_and(|left| (50..=60).contains(&left)));
}
