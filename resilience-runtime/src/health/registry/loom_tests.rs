//! Those who ask for a report at the same time, in every order. The lock of tokio's that they wait for is as it is: what
//! the checker looks at is what is done before it, under it, and after it.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use loom::thread;

use super::*;
use crate::sync::{AtomicUsize, in_every_order, wait};

/// One whose check is ready at the second poll, and which counts its runs. It is left behind, so that who asks may go
/// between threads.
fn registry() -> &'static HealthRegistry {
    let registry = Box::leak(Box::new(HealthRegistry::new()));
    let runs = Arc::new(AtomicUsize::new(0));
    let check = move || {
        let run = runs.fetch_add(1, Ordering::Relaxed) + 1;
        let mut is_asked_again = false;
        std::future::poll_fn(move |cx| {
            if std::mem::replace(&mut is_asked_again, true) {
                return Poll::Ready(super::super::Health::degraded(run));
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    };
    // So long that there is no timer.
    registry.register("check", Duration::MAX, check).expect("the only one");
    registry
}

type Asking = Pin<Box<dyn Future<Output = Arc<HealthReport>>>>;

fn ask(registry: &'static HealthRegistry) -> Asking {
    Box::pin(registry.run_all())
}

/// Which run it was.
fn run(mut asking: Asking) -> usize {
    let report = wait(|cx| asking.as_mut().poll(cx));
    report.checks[0].error.as_deref().and_then(|run| run.parse().ok()).expect("the number of a run")
}

#[test]
fn whoever_asks_while_a_run_is_under_way_shares_it() {
    in_every_order(|| {
        let registry = registry();
        let (mut first, mut second) = (ask(registry), ask(registry));
        for asking in [&mut first, &mut second] {
            assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let first = thread::spawn(move || run(first));
        assert_eq!(run(second), 1);
        assert_eq!(first.join().expect("no panic"), 1);
        assert_eq!(run(ask(registry)), 2);
    });
}

#[test]
fn nobody_is_given_a_report_from_before_the_question() {
    in_every_order(|| {
        let registry = registry();
        let told = Arc::new(AtomicUsize::new(0));
        let latter = {
            let told = Arc::clone(&told);
            thread::spawn(move || {
                let before = told.load(Ordering::Acquire);
                let run = run(ask(registry));
                assert!(run > before, "{run}, and {before} was over");
            })
        };
        told.store(run(ask(registry)), Ordering::Release);
        latter.join().expect("no panic");
    });
}
