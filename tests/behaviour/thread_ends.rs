//! Calls from the destructors of a thread's locals, where much of what a thread has is gone already.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{
    CircuitBreakerPolicy, Deadline, Error, Pipeline, RetryPolicy, bulkhead, circuit_breaker, fallback,
    get_bulkhead_for, get_circuit_breaker, get_circuit_breaker_family, get_circuit_breaker_for,
    get_circuit_breakers, rate_limit, retry, timeout,
};

use crate::support::{Fault, poll_now};

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

#[circuit_breaker(name = "thread ends", key = host)]
#[rate_limit(name = "thread ends", key = host, rate = 1000)]
#[bulkhead(name = "thread ends", key = host, max_concurrent = 20)]
#[timeout("10s")]
async fn ready_at_once(host: &str) -> Result<u32, Error> {
    let _ = host;
    Ok(run())
}

#[rate_limit(rate = 1000, burst = 1, max_wait = "1s")]
fn limited() -> Result<u32, Error> {
    Ok(run())
}

/// Blocks the thread for a slot until `max_wait` is over, and for a rate limit until there is room.
#[bulkhead(max_concurrent = 1, max_wait = "1ms")]
fn waits(inner: impl FnOnce() -> Result<u32, Error>) -> Result<u32, Error> {
    limited()?;
    limited()?;
    inner()
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
const RUNS_OF_ALL: u32 = 1 + 3 + 1 + 2 + 2 + 1 + 1 + 2;

fn all() {
    keyed("a.example").unwrap();
    assert_eq!(stack(), Ok(0));
    detached().unwrap();
    without_attributes();
    assert!(poll_now(std::pin::pin!(ready_at_once("b.example"))).is_ready());
    assert!(waits(|| waits(|| Ok(run()))).unwrap_err().is_bulkhead_full());
    assert!(get_circuit_breaker_for("thread ends", "a.example").is_some());
    assert!(get_bulkhead_for("thread ends", "a.example").is_some());
    assert!(!get_circuit_breakers("thread ends").is_empty());
    let family = get_circuit_breaker_family("thread ends").unwrap();
    family.reconfigure(CircuitBreakerPolicy::new().failure_threshold(7)).unwrap();
    assert!(family.instances().iter().all(|breaker| breaker.policy() == family.policy()));
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

/// The use that a thread makes of libraries before it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Nothing,
    /// It uses tokio. Then tokio's data is gone before the library has ever been used on the thread.
    Tokio,
    All,
}

#[test]
fn policies_work_in_the_destructor_of_a_thread_local() {
    // Since a clock was paused, tokio's clock reads the data that tokio keeps for the thread.
    drop(tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build());
    for before in [Before::All, Before::Nothing, Before::Tokio] {
        let runs = RUNS.load(Ordering::SeqCst);
        let thread = std::thread::spawn(move || {
            // Registered first, this destructor runs last.
            FLUSH.with(|_| ());
            match before {
                Before::Nothing => {}
                Before::Tokio => drop(tokio::runtime::Handle::try_current()),
                Before::All => all(),
            }
        });
        thread.join().unwrap();
        let rounds = 1 + u32::from(before == Before::All);
        assert_eq!(RUNS.load(Ordering::SeqCst) - runs, RUNS_OF_ALL * rounds, "{before:?}");
    }
}
