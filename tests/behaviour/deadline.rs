//! Deadlines that come from elsewhere, and what timeouts count.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use resilience::testing::ManualClock;
use resilience::{Deadline, deadline, get_timeout, retry, timeout};

use crate::support::{Fault, Runs, assert_send, ms, named_here, secs, timed};

#[test]
fn the_header_of_a_request_limits_the_calls_that_it_causes() {
    #[retry(max_attempts = 10, base_delay = "100ms", backoff = "constant", jitter = "none")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let clock = ManualClock::install();
    let incoming = Deadline::from_grpc_timeout("250m").unwrap();
    let runs = Runs::new();
    // A third wait would end after the deadline.
    assert_eq!(incoming.scope(|| call(&runs)), Err(Fault::Transient(3)));
    assert_eq!((runs.count(), clock.elapsed()), (3, ms(200)));
    assert_eq!(incoming.to_grpc_timeout().to_string(), "50000000n");
    clock.advance(ms(60));
    assert!(incoming.is_expired());
    assert_eq!(incoming.to_grpc_timeout().to_string(), "0n");
    assert!(incoming.check().unwrap_err().is_timed_out());
    assert!(deadline().is_none(), "it was in force inside only");
}

#[test]
fn the_tightest_deadline_is_the_one_in_force() {
    #[timeout("1s", mode = "cooperative")]
    fn next_header() -> Result<String, Fault> {
        Ok(deadline().expect("inside of a timeout").to_grpc_timeout().to_string())
    }
    let _clock = ManualClock::install();
    let (near, far) = (Deadline::after(ms(300)), Deadline::after(secs(5)));
    assert_eq!(near.scope(next_header).unwrap(), "300000u");
    assert_eq!(far.scope(next_header).unwrap(), "1000000u");
    assert_eq!(near.scope(|| far.scope(next_header)).unwrap(), "300000u");
}

#[tokio::test(start_paused = true)]
async fn a_future_has_its_deadline_at_every_poll() {
    #[retry(max_attempts = 10, base_delay = "100ms", backoff = "constant", jitter = "none")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }
    let runs = Runs::new();
    let limited = assert_send(Deadline::after(ms(250)).scope_async(call(&runs)));
    let other = async {
        tokio::time::sleep(ms(150)).await;
        deadline().is_none()
    };
    let ((result, took), is_free) = tokio::join!(timed(limited), other);
    assert_eq!((result, took, is_free), (Err(Fault::Transient(3)), ms(200), true));
}

#[test]
fn results_that_come_too_late_are_counted() {
    #[timeout("10ms", mode = "cooperative")]
    fn in_place(clock: &ManualClock) -> Result<u32, Fault> {
        clock.advance(ms(10));
        Ok(1)
    }
    #[timeout("2ms", name = "deadline: detached")]
    fn detached(gate: Arc<Mutex<Receiver<()>>>) -> Result<u32, Fault> {
        let _ = gate.lock().expect("no panic").recv();
        Ok(1)
    }
    assert!(get_timeout("deadline: misspelt").is_none());
    let clock = ManualClock::install();
    in_place(&clock).unwrap_err();
    drop(clock);
    let metrics = get_timeout(named_here!(in_place)).unwrap().metrics();
    assert_eq!((metrics.late, metrics.abandoned), (1, 0));

    let (release, gate) = channel();
    let gate = Arc::new(Mutex::new(gate));
    let timeout = get_timeout("deadline: detached").unwrap();
    // A thread may be slow to start; then the body was never begun, and has no result.
    while timeout.metrics().abandoned == 0 {
        detached(Arc::clone(&gate)).unwrap_err();
    }
    assert_eq!((timeout.metrics().late, timeout.metrics().abandoned), (0, 1));
    drop(release);
    while timeout.metrics().abandoned > 0 {
        std::thread::yield_now();
    }
    assert_eq!(timeout.metrics().late, 1);
    assert_eq!(timeout.name(), "deadline: detached");
}
