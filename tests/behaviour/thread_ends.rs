//! Calls from the destructors of a thread's locals, where much of what a thread has is gone already.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    Deadline, Error, Pipeline, RetryPolicy, bulkhead, circuit_breaker, fallback, get_bulkhead_for,
    get_circuit_breaker, get_circuit_breaker_for, get_circuit_breakers, rate_limit, retry, timeout,
};

use crate::support::Fault;

static RUNS: AtomicU32 = AtomicU32::new(0);

fn run() -> u32 {
    RUNS.fetch_add(1, Ordering::SeqCst)
}

#[circuit_breaker(name = "thread ends", key = host)]
#[rate_limit(name = "thread ends", key = host, rate = 1000)]
#[bulkhead(name = "thread ends", key = host, max_concurrent = 20)]
fn keyed(host: &str) -> Result<usize, Error> {
    run();
    Ok(host.len())
}

#[fallback(|_| Ok(0))]
#[retry(max_attempts = 3, base_delay = "1ms", budget = "thread ends")]
#[circuit_breaker(name = "thread ends", failure_threshold = 1000)]
#[rate_limit(name = "thread ends", rate = 1_000_000, max_wait = "1s")]
#[bulkhead(name = "thread ends", max_concurrent = 1000, max_wait = "1s")]
#[timeout("10s", mode = "cooperative")]
fn stack() -> Result<u32, Fault> {
    Err(Fault::Transient(run()))
}

#[timeout("10s")]
fn detached() -> Result<u32, Error> {
    Ok(run())
}

fn without_attributes() {
    let policy = RetryPolicy::new().max_attempts(2).base_delay(Duration::from_millis(1));
    let _ = policy.call(|| Err::<(), _>(run()));
    let pipeline: Pipeline<u32, Fault> =
        Pipeline::builder().timeout(Duration::from_secs(10)).retry(policy).build().unwrap();
    let _ = pipeline.call(|| Err(Fault::Transient(run())));
    let breaker = get_circuit_breaker("thread ends").unwrap();
    let subscription = breaker.subscribe(|_| ());
    let _ = breaker.call(|| Ok::<_, Error>(run()));
    drop(subscription);
    breaker.metrics();
    let deadline = Deadline::from_grpc_timeout("10S").unwrap();
    deadline.scope(|| assert!(resilience::deadline().is_some()));
}

/// The runs of one round.
const RUNS_OF_ALL: u32 = 1 + 3 + 1 + 2 + 2 + 1;

fn all() {
    keyed("a.example").unwrap();
    assert_eq!(stack(), Ok(0));
    detached().unwrap();
    without_attributes();
    assert!(get_circuit_breaker_for("thread ends", "a.example").is_some());
    assert!(get_bulkhead_for("thread ends", "a.example").is_some());
    assert!(!get_circuit_breakers("thread ends").is_empty());
    resilience::catalog();
}

struct Flush;

impl Drop for Flush {
    fn drop(&mut self) {
        all();
    }
}

thread_local! {
    static FLUSH: Flush = const { Flush };
}

#[test]
fn policies_work_in_the_destructor_of_a_thread_local() {
    for is_used_before in [true, false] {
        let before = RUNS.load(Ordering::SeqCst);
        let thread = std::thread::spawn(move || {
            // Registered first, this destructor runs last.
            FLUSH.with(|_| ());
            if is_used_before {
                all();
            }
        });
        thread.join().unwrap();
        let rounds = 1 + u32::from(is_used_before);
        assert_eq!(
            RUNS.load(Ordering::SeqCst) - before,
            RUNS_OF_ALL * rounds,
            "used before: {is_used_before}"
        );
    }
}
