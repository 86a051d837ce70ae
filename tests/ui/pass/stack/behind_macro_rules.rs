#![deny(warnings)]
//! What comes from several macros is one stack: its names are those of the function.

use resilience::bulkhead;

macro_rules! qualified {
    ($name:ident) => {
        #[resilience::fallback(value = 1)]
        #[resilience::retry]
        #[bulkhead(max_concurrent = 1)]
        fn $name() -> Result<u32, String> {
            Ok(2)
        }
    };
}

macro_rules! with_argument {
    ($(#[$attribute:meta])*) => {
        $(#[$attribute])*
        fn consumed(runs: Vec<u32>) -> Result<usize, String> {
            Ok(runs.into_iter().count())
        }
    };
}

macro_rules! outer {
    ($name:ident) => {
        with_argument! { #[resilience::retry(clone($name))] }
    };
}

macro_rules! own {
    () => {
        with_argument! { #[resilience::retry(clone(runs))] }
    };
}

qualified!(plain);
own!();

mod named {
    outer!(runs);

    pub(super) fn run() -> Result<usize, String> {
        consumed(vec![1, 2])
    }
}

fn main() {
    assert_eq!(plain(), Ok(2));
    assert_eq!(consumed(vec![1]), Ok(1));
    assert_eq!(named::run(), Ok(2));
}
