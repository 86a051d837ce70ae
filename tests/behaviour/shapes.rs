//! Sync functions of every shape: each is run anew for every attempt.

use std::cell::Cell;
use std::fmt::Display;
use std::sync::Arc;

use resilience::{bulkhead, circuit_breaker, fallback, get_bulkhead, retry, timeout};

use crate::support::{Fault, Runs};

#[test]
fn a_free_function_is_run_anew() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(3)
    }
    let runs = Runs::new();
    assert_eq!(call(&runs), Ok(3));
    assert_eq!(runs.count(), 3);
}

#[derive(Default)]
struct Service {
    runs: Runs,
    log: Vec<u32>,
}

impl Service {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn by_ref(&self, plus: u32) -> Result<u32, Fault> {
        Ok(self.runs.works_at(3)? + plus)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn by_mut(&mut self, plus: u32) -> Result<u32, Fault> {
        self.log.push(plus);
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn by_value(self) -> Result<u32, Fault> {
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn by_typed_self(self: &Arc<Self>) -> Result<u32, Fault> {
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn by_owned_arc(self: Arc<Self>) -> Result<u32, Fault> {
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn associated(runs: &Runs) -> Result<u32, Fault> {
        runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn lends(&self) -> Result<&Runs, Fault> {
        self.runs.works_at(3)?;
        Ok(&self.runs)
    }

    // Retry around it can't be written in Rust; the other policies can.
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2)]
    #[timeout("1m", mode = "cooperative")]
    fn lends_mutably(&mut self) -> Result<&mut Vec<u32>, Fault> {
        self.runs.works_at(2)?;
        Ok(&mut self.log)
    }

    #[fallback(Self::last_resort)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2)]
    #[timeout("1m", mode = "cooperative")]
    fn full_stack_by_ref(&self, plus: u32) -> Result<u32, Fault> {
        self.runs.fail().map(|run| run + plus)
    }

    fn last_resort(&self, plus: u32) -> Result<u32, Fault> {
        Ok(self.runs.count() * 100 + plus)
    }

    #[fallback(Self::last_mut_resort)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2)]
    #[timeout("1m", mode = "cooperative")]
    fn full_stack_by_mut(&mut self, plus: u32) -> Result<u32, Fault> {
        self.log.push(plus);
        self.runs.fail()
    }

    fn last_mut_resort(&mut self, plus: u32, error: Fault) -> Result<u32, Fault> {
        self.log.push(plus * 10);
        assert_eq!(error, Fault::Transient(3));
        Ok(9)
    }

    #[fallback(value = 9)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2)]
    #[timeout("1m", mode = "cooperative")]
    fn full_stack_by_value(self, runs: &Runs) -> Result<u32, Fault> {
        assert_eq!(self.runs.count(), 0);
        runs.fail()
    }
}

#[test]
fn a_method_by_reference_is_run_anew() {
    let service = Service::default();
    assert_eq!(service.by_ref(10), Ok(13));
    assert_eq!(service.runs.count(), 3);
}

#[test]
fn a_method_by_mutable_reference_is_run_anew_and_keeps_what_each_attempt_wrote() {
    let mut service = Service::default();
    assert_eq!(service.by_mut(7), Ok(3));
    assert_eq!(service.log, [7, 7, 7]);
}

#[test]
fn a_method_by_value_is_run_anew() {
    assert_eq!(Service::default().by_value(), Ok(3));
}

#[test]
fn a_method_with_a_typed_receiver_is_run_anew() {
    let service = Arc::new(Service::default());
    assert_eq!(service.by_typed_self(), Ok(3));
    assert_eq!(Arc::new(Service::default()).by_owned_arc(), Ok(3));
}

#[test]
fn an_associated_function_is_run_anew() {
    let runs = Runs::new();
    assert_eq!(Service::associated(&runs), Ok(3));
}

#[test]
fn a_result_may_borrow_from_self() {
    let service = Service::default();
    assert_eq!(service.lends().map(Runs::count), Ok(3));
}

#[test]
fn a_result_may_borrow_from_self_mutably_where_nothing_retries() {
    let mut service = Service::default();
    assert_eq!(service.lends_mutably().err(), Some(Fault::Transient(1)));
    service.lends_mutably().unwrap().push(5);
    assert_eq!(service.log, [5]);
}

#[test]
fn the_full_stack_stands_on_every_kind_of_method() {
    let mut service = Service::default();
    assert_eq!(service.full_stack_by_ref(7), Ok(307));
    let mut other = Service::default();
    assert_eq!(other.full_stack_by_mut(7), Ok(9));
    assert_eq!(other.log, [7, 7, 7, 70]);
    let runs = Runs::new();
    service.log.clear();
    assert_eq!(Service::default().full_stack_by_value(&runs), Ok(9));
    assert_eq!(runs.count(), 3);
}

trait Fetch {
    fn runs(&self) -> &Runs;

    fn required(&self) -> Result<u32, Fault>;

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn provided(&self, plus: u32) -> Result<u32, Fault> {
        Ok(self.runs().works_at(3)? + plus)
    }
}

impl Fetch for Service {
    fn runs(&self) -> &Runs {
        &self.runs
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn required(&self) -> Result<u32, Fault> {
        self.runs.works_at(3)
    }
}

#[test]
fn a_trait_method_is_run_anew_implemented_or_by_default() {
    let service = Service::default();
    assert_eq!(service.required(), Ok(3));
    let service = Service::default();
    assert_eq!(service.provided(10), Ok(13));
    let object: &dyn Fetch = &Service::default();
    assert_eq!(object.provided(20), Ok(23));
}

#[test]
fn a_generic_function_is_run_anew() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call<T: Display, const N: usize>(values: [T; N], runs: &Runs) -> Result<String, Fault>
    where
        T: PartialEq,
    {
        runs.works_at(3)?;
        Ok(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
    }
    let runs = Runs::new();
    assert_eq!(call([1, 2, 3], &runs), Ok("1+2+3".to_owned()));
    assert_eq!(runs.count(), 3);
    assert_eq!(call(["a"], &Runs::new()), Ok("a".to_owned()));
}

#[test]
fn a_generic_method_of_a_generic_type_is_run_anew() {
    struct Holder<'a, T, const N: usize> {
        values: &'a [T; N],
        runs: Runs,
    }
    impl<'a, T: Clone, const N: usize> Holder<'a, T, N> {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn nth<U: From<T>>(&self, at: usize) -> Result<U, Fault> {
            self.runs.works_at(3)?;
            self.values.get(at).cloned().map(U::from).ok_or(Fault::Fatal)
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        fn outliving(&self, at: usize) -> Result<&'a T, Fault> {
            self.runs.works_at(3)?;
            self.values.get(at).ok_or(Fault::Fatal)
        }
    }
    let holder = Holder { values: &[1_u8, 2], runs: Runs::new() };
    assert_eq!(holder.nth::<u64>(1), Ok(2));
    assert_eq!(holder.runs.count(), 3);
    let kept = Holder { values: &[5_u8], runs: Runs::new() }.outliving(0);
    assert_eq!(kept, Ok(&5));
}

#[test]
fn arguments_and_results_may_have_lifetimes() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn pick<'a, 'b: 'a>(long: &'b str, short: &'a str, runs: &Runs) -> Result<&'a str, Fault> {
        if runs.works_at(3)? == 3 { Ok(long) } else { Ok(short) }
    }
    let runs = Runs::new();
    assert_eq!(pick("long", "short", &runs), Ok("long"));
    assert_eq!(runs.count(), 3);
}

#[test]
fn impl_trait_may_stand_in_arguments_and_in_the_result() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn count(
        next: impl Fn() -> u32,
        label: impl Into<String> + Clone,
    ) -> Result<impl Iterator<Item = u32>, Fault> {
        assert_eq!(label.clone().into(), "label");
        let run = next();
        if run < 3 { Err(Fault::Transient(run)) } else { Ok(0..run) }
    }
    let runs = Runs::new();
    let counted = count(|| runs.hit(), "label").map(Iterator::collect::<Vec<_>>);
    assert_eq!(counted, Ok(vec![0, 1, 2]));
}

#[test]
fn question_marks_returns_and_bails_end_the_attempt_and_not_the_function() {
    #[retry(max_attempts = 4, base_delay = "0s")]
    fn call(runs: &Runs) -> anyhow::Result<u32> {
        let run = runs.hit();
        match run {
            1 => {
                "not a number".parse::<u32>()?;
            }
            2 => anyhow::bail!("bailed"),
            3 => return Err(anyhow::anyhow!("returned")),
            _ => {}
        }
        Ok(run)
    }
    let runs = Runs::new();
    assert_eq!(call(&runs).unwrap(), 4);
    assert_eq!(runs.count(), 4);
}

#[test]
fn a_closure_in_the_body_keeps_its_own_returns_and_question_marks() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        let double = |text: &str| -> Result<u32, std::num::ParseIntError> {
            if text.is_empty() {
                return Ok(0);
            }
            Ok(text.parse::<u32>()? * 2)
        };
        let doubled = double("").unwrap_or(9) + double("x").unwrap_or(7) + double("4").unwrap_or(9);
        Ok(runs.works_at(3)? + doubled)
    }
    let runs = Runs::new();
    assert_eq!(call(&runs), Ok(18));
    assert_eq!(runs.count(), 3);
}

#[test]
fn a_mut_argument_is_shared_by_the_attempts() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(mut total: u32, runs: &Runs) -> Result<u32, Fault> {
        total += 1;
        runs.works_at(3)?;
        Ok(total)
    }
    assert_eq!(call(10, &Runs::new()), Ok(13));
}

#[test]
fn a_mut_argument_that_is_cloned_starts_anew_in_each_attempt() {
    #[retry(max_attempts = 3, base_delay = "0s", clone(names))]
    fn call(mut names: Vec<&'static str>, runs: &Runs) -> Result<Vec<&'static str>, Fault> {
        names.push("end");
        runs.works_at(3)?;
        Ok(names)
    }
    assert_eq!(call(vec!["start"], &Runs::new()), Ok(vec!["start", "end"]));
}

#[test]
fn a_mutable_reference_goes_to_every_attempt() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(log: &mut Vec<u32>, runs: &Runs) -> Result<usize, Fault> {
        fn consume(log: &mut Vec<u32>, run: u32) -> usize {
            log.push(run);
            log.len()
        }
        let run = runs.hit();
        let length = consume(log, run);
        if run < 3 { Err(Fault::Transient(run)) } else { Ok(length) }
    }
    let mut log = Vec::new();
    assert_eq!(call(&mut log, &Runs::new()), Ok(3));
    assert_eq!(log, [1, 2, 3]);
}

#[test]
fn patterns_and_unused_arguments_are_arguments_too() {
    struct Point {
        x: u32,
        y: u32,
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(
        Point { x, y: up }: Point,
        (left, _): (u32, u32),
        &[first, ..]: &[u32; 3],
        _unused: String,
        _: u8,
        runs: &Runs,
    ) -> Result<u32, Fault> {
        runs.works_at(3)?;
        Ok(x + up + left + first)
    }
    let runs = Runs::new();
    assert_eq!(call(Point { x: 1, y: 2 }, (4, 0), &[8, 0, 0], String::new(), 0, &runs), Ok(15));
    assert_eq!(runs.count(), 3);
}

mod result_types {
    use super::{Arc, Fault, Runs, fallback, retry, timeout};

    type Answer<T> = Result<T, Fault>;
    type Fixed = Result<u32, Fault>;

    #[test]
    fn an_alias_of_result_is_a_result() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn generic(runs: &Runs) -> Answer<u32> {
            runs.works_at(3)
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn fixed(runs: &Runs) -> Fixed {
            runs.works_at(3)
        }
        assert_eq!(generic(&Runs::new()), Ok(3));
        assert_eq!(fixed(&Runs::new()), Ok(3));
    }

    #[test]
    fn anyhow_is_a_result() {
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[timeout("1m", mode = "cooperative")]
        fn call(runs: &Runs) -> anyhow::Result<u32> {
            Ok(runs.fail()?)
        }
        let runs = Runs::new();
        assert_eq!(call(&runs).unwrap_err().downcast_ref(), Some(&Fault::Transient(2)));
    }

    #[test]
    fn a_boxed_error_is_an_error() {
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[timeout("1m", mode = "cooperative")]
        fn call(runs: &Runs) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
            Ok(runs.fail()?)
        }
        assert_eq!(call(&Runs::new()).unwrap_err().to_string(), "transient fault of run 2");
    }

    #[test]
    fn io_is_a_result() {
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[timeout("1m", mode = "cooperative")]
        fn call(runs: &Runs) -> std::io::Result<u32> {
            runs.fail().map_err(std::io::Error::other)
        }
        assert_eq!(call(&Runs::new()).unwrap_err().to_string(), "transient fault of run 2");
    }

    #[test]
    fn a_string_is_an_error() {
        #[retry(max_attempts = 2, base_delay = "0s")]
        #[timeout("1m", mode = "cooperative")]
        fn call(runs: &Runs) -> Result<u32, String> {
            runs.fail().map_err(|fault| fault.to_string())
        }
        assert_eq!(call(&Runs::new()).unwrap_err(), "transient fault of run 2");
    }

    #[test]
    fn none_is_a_failure() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[timeout("1m", mode = "cooperative")]
        fn call(runs: &Runs) -> Option<u32> {
            runs.works_at(3).ok()
        }
        #[fallback(value = 9)]
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn never(runs: &Runs) -> Option<u32> {
            runs.fail().ok()
        }
        let runs = Runs::new();
        assert_eq!(call(&runs), Some(3));
        let runs = Runs::new();
        assert_eq!(never(&runs), Some(9));
        assert_eq!(runs.count(), 3);
    }

    #[test]
    fn a_plain_value_may_be_refused_where_a_fallback_answers() {
        static RUNS: Runs = Runs::new();
        #[fallback(value = 9)]
        #[resilience::circuit_breaker(name = "shapes: plain value")]
        fn call() -> u32 {
            RUNS.hit()
        }
        assert_eq!(call(), 1);
        resilience::get_circuit_breaker("shapes: plain value").unwrap().force_open();
        assert_eq!(call(), 9);
        assert_eq!(RUNS.count(), 1);
    }

    #[test]
    fn a_plain_value_may_count_as_a_failure() {
        #[retry(max_attempts = 4, base_delay = "0s", when_ok = |run: &u32| *run < 3)]
        fn call(runs: &Runs) -> u32 {
            runs.hit()
        }
        assert_eq!(call(&Runs::new()), 3);
    }

    #[test]
    fn nothing_at_all_is_a_plain_value() {
        #[fallback(value = ())]
        #[resilience::bulkhead(max_concurrent = 1)]
        fn call(runs: &Runs) {
            runs.hit();
        }
        let runs = Runs::new();
        call(&runs);
        assert_eq!(runs.count(), 1);
    }

    #[test]
    fn errors_need_neither_clone_nor_debug_nor_send() {
        struct Odd(std::rc::Rc<u32>);
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(runs: &Runs) -> Result<(), Odd> {
            Err(Odd(std::rc::Rc::new(runs.hit())))
        }
        assert_eq!(call(&Runs::new()).err().map(|odd| *odd.0), Some(3));
    }

    #[test]
    fn a_result_may_hold_what_is_not_clone() {
        #[derive(Debug)]
        struct Token(Arc<()>);
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(runs: &Runs, shared: &Arc<()>) -> Result<Token, Fault> {
            let token = Token(Arc::clone(shared));
            runs.works_at(3)?;
            Ok(token)
        }
        let shared = Arc::new(());
        let token = call(&Runs::new(), &shared).unwrap();
        assert_eq!(Arc::strong_count(&token.0), 2, "failed attempts keep nothing");
    }
}

#[test]
fn doc_comments_lints_and_visibility_stay_on_the_function() {
    mod inner {
        /// Documented.
        #[must_use]
        #[allow(clippy::pedantic)]
        #[resilience::retry(max_attempts = 2, base_delay = "0s")]
        #[inline(never)]
        pub(crate) fn call(runs: &crate::support::Runs) -> Option<u32> {
            runs.works_at(2).ok()
        }
    }
    assert_eq!(inner::call(&Runs::new()), Some(2));
}

#[test]
fn a_recursive_function_is_protected_at_every_depth() {
    #[retry(max_attempts = 2, base_delay = "0s")]
    fn call(depth: u32, runs: &Runs) -> Result<u32, Fault> {
        if depth == 0 {
            return runs.fail();
        }
        call(depth - 1, runs)
    }
    let runs = Runs::new();
    assert_eq!(call(3, &runs), Err(Fault::Transient(16)));
    assert_eq!(runs.count(), 16);
}

#[test]
fn an_unsafe_like_body_with_labels_loops_and_breaks_is_untouched() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(runs: &Runs) -> Result<u32, Fault> {
        let run = runs.hit();
        let found = 'search: loop {
            for number in 0.. {
                if number == 5 {
                    continue;
                }
                if number == 7 {
                    break 'search number;
                }
            }
        };
        if run < 3 {
            return Err(Fault::Transient(run));
        }
        Ok(found + run)
    }
    assert_eq!(call(&Runs::new()), Ok(10));
}

#[test]
fn a_detached_body_takes_owned_arguments_anew_for_each_attempt() {
    #[retry(max_attempts = 3, base_delay = "0s", clone(runs, label))]
    #[timeout("1m")]
    fn call(runs: Arc<Runs>, label: String) -> Result<String, Fault> {
        runs.works_at(3)?;
        Ok(label)
    }
    let runs = Arc::new(Runs::new());
    assert_eq!(call(Arc::clone(&runs), "label".to_owned()), Ok("label".to_owned()));
    assert_eq!(runs.count(), 3);
}

#[test]
fn an_attempt_may_use_what_is_neither_send_nor_sync() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    fn call(count: &Cell<u32>) -> Result<u32, Fault> {
        count.set(count.get() + 1);
        if count.get() < 3 { Err(Fault::Transient(count.get())) } else { Ok(count.get()) }
    }
    assert_eq!(call(&Cell::new(0)), Ok(3));
}

#[test]
fn a_pinned_box_need_not_be_a_future() {
    #[fallback(value = Box::pin(7))]
    #[bulkhead(name = "pinned box", max_concurrent = 1)]
    fn call() -> std::pin::Pin<Box<u32>> {
        Box::pin(1)
    }
    assert_eq!(*call(), 1);
    let _slot = get_bulkhead("pinned box").unwrap().try_acquire().unwrap();
    assert_eq!(*call(), 7);
}

#[test]
fn a_function_in_a_function_is_protected_by_itself() {
    #[retry(max_attempts = 2, base_delay = "0s")]
    fn outer(runs: &Runs) -> Result<u32, Fault> {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn inner(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        inner(runs)
    }
    let runs = Runs::new();
    assert_eq!(outer(&runs), Err(Fault::Transient(6)));
}

#[test]
fn a_function_made_by_a_macro_is_run_anew() {
    macro_rules! make {
        ($name:ident, $attempts:expr, $delay:literal, $argument:ident: $ty:ty, $body:expr) => {
            #[retry(max_attempts = $attempts, base_delay = $delay)]
            fn $name($argument: $ty) -> Result<u32, Fault> {
                $body
            }
        };
    }
    make!(call, 3, "0s", runs: &Runs, runs.works_at(3));
    assert_eq!(call(&Runs::new()), Ok(3));
}

/// Names that generated code could trip over, were it not rooted.
#[allow(non_camel_case_types, dead_code)]
mod hostile {
    pub(crate) struct Ok;
    pub(crate) struct Err;
    pub(crate) struct Some;
    pub(crate) struct None;
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Duration;
    pub(crate) struct Box;
    pub(crate) struct Drop;
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod resilience {}
}

mod crowded {
    #[allow(unused_imports)]
    use super::hostile::*;
    use ::resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

    #[fallback(value = 9)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 1)]
    #[timeout("1m", mode = "cooperative")]
    pub(crate) fn call(
        attempts: &crate::support::Runs,
        outcome: u32,
        delay: u32,
        permit: u32,
        slot: u32,
        shape: u32,
    ) -> ::core::result::Result<u32, crate::support::Fault> {
        let sum = outcome + delay + permit + slot + shape;
        attempts.works_at(3).map(|run| run + sum)
    }
}

#[test]
fn every_name_that_generated_code_could_use_is_the_users_own() {
    assert_eq!(crowded::call(&Runs::new(), 1, 1, 1, 1, 1), Ok(8));
}
