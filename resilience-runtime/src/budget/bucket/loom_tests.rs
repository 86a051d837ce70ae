//! Every order of what threads do to one bucket.

use loom::sync::Arc;
use loom::thread;

use super::*;
use crate::sync::in_every_order;

fn at(slice: u64) -> Instant {
    Instant::from_bits(slice * SLICE)
}

fn withdrawals(bucket: &Arc<Bucket>, moments: [u64; 2]) -> usize {
    let threads = moments.map(|slice| {
        let bucket = Arc::clone(bucket);
        thread::spawn(move || bucket.withdraw(at(slice)))
    });
    threads.into_iter().map(|thread| usize::from(thread.join().unwrap_or(false))).sum()
}

#[test]
fn one_token_is_withdrawn_once() {
    in_every_order(|| {
        let policy = RetryBudgetPolicy::new().ratio(1.0).min_per_second(0);
        let bucket = Arc::new(Bucket::new(&policy, at(20)));
        bucket.deposit(|| at(20));
        // One of them finds that a second has passed.
        assert_eq!(withdrawals(&bucket, [20, 21]), 1);
    });
}

#[test]
fn one_token_of_the_minimum_is_withdrawn_once() {
    in_every_order(|| {
        let policy = RetryBudgetPolicy::new().ratio(0.0).min_per_second(1);
        let bucket = Arc::new(Bucket::new(&policy, at(20)));
        assert_eq!(withdrawals(&bucket, [20, 20]), 1);
    });
}

#[test]
fn deposits_beside_withdrawals_are_each_spent_once() {
    in_every_order(|| {
        let policy = RetryBudgetPolicy::new().ratio(0.5).min_per_second(0);
        let bucket = Arc::new(Bucket::new(&policy, at(20)));
        bucket.deposit(|| at(20));
        let other = Arc::clone(&bucket);
        let caller = thread::spawn(move || {
            other.deposit(|| at(20));
            other.withdraw(at(20))
        });
        let granted = usize::from(bucket.withdraw(at(20)));
        let granted = granted + usize::from(caller.join().unwrap_or(false));
        assert_eq!(granted + usize::from(bucket.withdraw(at(20))), 1);
    });
}
