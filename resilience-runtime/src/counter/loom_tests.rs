//! The counter between threads, in every order.

use std::sync::Arc;

use loom::thread;

use super::*;
use crate::sync::in_every_order;

#[test]
fn no_increment_is_lost() {
    in_every_order(|| {
        let counter = Arc::new(Counter::new());
        let threads = [1, 2].map(|times| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || (0..times).for_each(|_| counter.increment()))
        });
        assert!(counter.get() <= 3);
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert_eq!(counter.get(), 3);
    });
}
