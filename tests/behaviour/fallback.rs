//! `#[fallback]`: who answers for a failure, with what, and for which failures.

use std::sync::{Mutex, MutexGuard};

use resilience::{
    Error, FallbackExhausted, bulkhead, circuit_breaker, fallback, get_circuit_breaker, rate_limit, retry,
    timeout,
};

use crate::support::{Fault, Log, Runs, ms, panic_of, timed};

mod handlers {
    use super::{Error, Fault, Log, Runs, fallback, ms, timed, timeout};

    fn without_error(number: u32, text: &str) -> Result<String, Fault> {
        Ok(format!("{text} {number}"))
    }

    fn with_error(number: u32, text: &str, error: Fault) -> Result<String, Fault> {
        Ok(format!("{text} {number} after {error}"))
    }

    #[test]
    fn take_the_arguments_with_or_without_the_error() {
        #[fallback(without_error)]
        fn one(number: u32, text: &str) -> Result<String, Fault> {
            Err(Fault::Fatal)
        }
        #[fallback(with_error)]
        fn two(number: u32, text: &str) -> Result<String, Fault> {
            Err(Fault::Transient(number))
        }
        #[fallback(self::without_error)]
        fn qualified(number: u32, text: &str) -> Result<String, Fault> {
            Err(Fault::Fatal)
        }
        assert_eq!(one(3, "three"), Ok("three 3".to_owned()));
        assert_eq!(two(3, "three"), Ok("three 3 after transient fault of run 3".to_owned()));
        assert_eq!(qualified(4, "four"), Ok("four 4".to_owned()));
    }

    #[test]
    fn are_not_asked_after_a_success() {
        #[fallback(|_| unreachable!("it worked"))]
        fn call() -> Result<u32, Fault> {
            Ok(1)
        }
        assert_eq!(call(), Ok(1));
    }

    #[test]
    fn are_tried_in_order_until_one_succeeds_each_with_the_error_before_it() {
        fn first(log: &Log<String>, error: Fault) -> Result<u32, Fault> {
            log.push(format!("first: {error}"));
            Err(Fault::Transient(10))
        }
        fn second(log: &Log<String>) -> Result<u32, Fault> {
            log.push("second".to_owned());
            Err(Fault::Transient(20))
        }
        #[fallback(
            first,
            second,
            |error| { log.push(format!("third: {error}")); Ok(3) },
            |_| unreachable!("the third has answered"),
        )]
        fn call(log: &Log<String>) -> Result<u32, Fault> {
            log.push("body".to_owned());
            Err(Fault::Fatal)
        }
        let log = Log::new();
        assert_eq!(call(&log), Ok(3));
        assert_eq!(log.take(), ["body", "first: fatal fault", "second", "third: transient fault of run 20"]);
    }

    #[test]
    fn that_all_fail_give_the_error_of_the_last() {
        #[fallback(|_| Err(Fault::Transient(1)), |_| Err(Fault::Transient(2)))]
        fn call() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        assert_eq!(call(), Err(Fault::Transient(2)));
    }

    #[test]
    fn may_end_with_a_value() {
        #[fallback(|_| Err(Fault::Transient(1)), value = format!("{name}!"))]
        fn call(name: &str) -> Result<String, Fault> {
            Err(Fault::Fatal)
        }
        #[fallback(value = "".parse().unwrap_or_default())]
        fn inferred() -> Result<u64, Fault> {
            Err(Fault::Fatal)
        }
        assert_eq!(call("value"), Ok("value!".to_owned()));
        assert_eq!(inferred(), Ok(0));
    }

    struct Service(Runs);

    impl Service {
        #[fallback(Self::remember)]
        fn by_ref(&self, key: &str) -> Result<String, Fault> {
            Err(Fault::Transient(self.0.hit()))
        }

        fn remember(&self, key: &str, error: Fault) -> Result<String, Fault> {
            Ok(format!("{key}, run {}, {error}", self.0.hit()))
        }

        #[fallback(Self::forget)]
        fn by_mut(&mut self) -> Result<u32, Fault> {
            self.0.fail()
        }

        fn forget(&mut self) -> Result<u32, Fault> {
            self.0 = Runs::new();
            Ok(self.0.count())
        }

        #[fallback(Self::free)]
        fn associated(number: u32) -> Result<u32, Fault> {
            Err(Fault::Transient(number))
        }

        fn free(number: u32) -> Result<u32, Fault> {
            Ok(number + 100)
        }

        #[fallback(|error| { self.0.hit(); Ok(format!("{error} at {key}")) })]
        fn by_closure(&self, key: &str) -> Result<String, Fault> {
            Err(Fault::Transient(self.0.hit()))
        }

        #[fallback(Self::remember_async)]
        async fn by_async(&self, key: &str) -> Result<String, Fault> {
            tokio::task::yield_now().await;
            Err(Fault::Transient(self.0.hit()))
        }

        async fn remember_async(&self, key: &str) -> Result<String, Fault> {
            tokio::task::yield_now().await;
            Ok(format!("{key}, run {}", self.0.hit()))
        }
    }

    #[tokio::test]
    async fn that_are_methods_get_self_first() {
        let mut service = Service(Runs::new());
        assert_eq!(service.by_ref("key"), Ok("key, run 2, transient fault of run 1".to_owned()));
        assert_eq!(service.by_closure("key"), Ok("transient fault of run 3 at key".to_owned()));
        assert_eq!(service.by_async("key").await, Ok("key, run 6".to_owned()));
        assert_eq!(service.by_mut(), Ok(0));
        assert_eq!(Service::associated(5), Ok(105));
    }

    #[tokio::test(start_paused = true)]
    async fn that_are_closures_may_await_and_use_question_marks_and_returns() {
        async fn remote(fail: bool) -> Result<u32, Fault> {
            tokio::time::sleep(ms(5)).await;
            if fail { Err(Fault::Fatal) } else { Ok(5) }
        }
        #[fallback(
            |error| {
                if early {
                    return Ok(1);
                }
                let value = remote(fail).await?;
                assert_eq!(error, Fault::Transient(9));
                Ok(value + 1)
            },
            |error| if error == Fault::Fatal { Ok(100) } else { Err(error) },
        )]
        async fn call(early: bool, fail: bool) -> Result<u32, Fault> {
            Err(Fault::Transient(9))
        }
        assert_eq!(timed(call(true, false)).await, (Ok(1), ms(0)));
        assert_eq!(timed(call(false, false)).await, (Ok(6), ms(5)));
        assert_eq!(timed(call(false, true)).await, (Ok(100), ms(5)));
    }

    #[test]
    fn that_are_closures_may_use_question_marks_in_sync_functions() {
        #[fallback(
            |error| { let number: u32 = text.parse().map_err(|_| error)?; Ok(number) },
            |_| Err(Fault::Transient(7)),
        )]
        fn call(text: &str) -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        assert_eq!(call("12"), Ok(12));
        assert_eq!(call("x"), Err(Fault::Transient(7)));
    }

    #[test]
    fn that_are_closures_own_the_error() {
        #[derive(Debug)]
        struct Unique(Box<str>);
        #[fallback(|Unique(text)| Ok(text))]
        fn call() -> Result<Box<str>, Unique> {
            Err(Unique("its text".into()))
        }
        assert_eq!(&*call().unwrap(), "its text");
    }

    #[test]
    fn may_have_attributes_of_their_own_which_apply() {
        #[resilience::retry(max_attempts = 3, base_delay = "0s")]
        fn handler(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(4)
        }
        #[fallback(handler)]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            runs.fail()
        }
        let runs = Runs::new();
        assert_eq!(call(&runs), Ok(4));
    }

    #[tokio::test(start_paused = true)]
    async fn see_no_deadline_of_what_stands_below_them() {
        #[fallback(|error| {
            assert!(resilience::deadline().is_none());
            assert!(error.is_timed_out());
            Ok(7)
        })]
        #[timeout("10ms")]
        async fn call() -> Result<u32, Error> {
            std::future::pending().await
        }
        assert_eq!(call().await, Ok(7));
    }

    #[test]
    fn need_no_clone_of_borrowed_arguments() {
        #[fallback(|_| Ok(text.len()))]
        fn call(text: String) -> Result<usize, Fault> {
            if text.is_empty() { Ok(0) } else { Err(Fault::Fatal) }
        }
        assert_eq!(call("four".to_owned()), Ok(4));
    }

    #[tokio::test]
    async fn clone_no_more_than_the_answers_need_of_which_the_last_gets_the_argument_itself() {
        struct Host<'a>(&'a Runs);
        impl Clone for Host<'_> {
            fn clone(&self) -> Self {
                self.0.hit();
                Self(self.0)
            }
        }
        #[fallback(|_| gone(host), |_| gone(host), clone(host))]
        fn in_sync(host: Host<'_>) -> Result<u32, Fault> {
            gone(host)
        }
        #[fallback(|_| gone(host), clone(host))]
        async fn in_async(host: Host<'_>) -> Result<u32, Fault> {
            gone(host)
        }
        #[resilience::timeout("1s", fallback = |_| gone(host), clone(host))]
        async fn timed_out(host: Host<'_>) -> Result<u32, Fault> {
            std::future::pending::<()>().await;
            gone(host)
        }
        fn gone(host: Host<'_>) -> Result<u32, Fault> {
            let Host(clones) = host;
            if clones.count() > 0 { Err(Fault::Fatal) } else { Ok(0) }
        }
        let clones = Runs::new();
        in_sync(Host(&clones)).unwrap_err();
        assert_eq!(clones.count(), 2, "for the body and the first handler");
        in_async(Host(&clones)).await.unwrap_err();
        assert_eq!(clones.count(), 3);
        tokio::time::pause();
        timed_out(Host(&clones)).await.unwrap_err();
        assert_eq!(clones.count(), 4);
    }

    #[test]
    fn get_an_argument_that_the_body_consumes_by_clone() {
        fn handler(argument: Vec<u32>) -> Result<usize, Fault> {
            Ok(argument.len())
        }
        #[fallback(handler, clone(argument))]
        fn call(mut argument: Vec<u32>) -> Result<usize, Fault> {
            argument.push(0);
            drop(argument);
            Err(Fault::Fatal)
        }
        assert_eq!(call(vec![1, 2]), Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn that_are_generic_async_or_imported_are_functions_too() {
        mod elsewhere {
            use crate::support::Fault;

            pub(crate) async fn generic<T: Clone>(value: &T, _error: Fault) -> Result<T, Fault> {
                tokio::task::yield_now().await;
                Ok(value.clone())
            }
        }
        #[fallback(elsewhere::generic)]
        #[timeout("10ms")]
        async fn call<T: Clone>(value: &T) -> Result<T, Fault> {
            std::future::pending().await
        }
        assert_eq!(call(&"text").await, Ok("text"));
        assert_eq!(call(&7).await, Ok(7));
    }

    #[test]
    fn of_which_the_function_says_the_type() {
        fn made<T: Default>(_: &str) -> Result<T, Fault> {
            Ok(T::default())
        }
        fn for_ever(_: &str) -> Result<&'static str, Fault> {
            Ok("for ever")
        }
        #[fallback(made)]
        fn generic(text: &str) -> Result<Vec<u8>, Fault> {
            if text.is_empty() { Err(Fault::Fatal) } else { Ok(text.into()) }
        }
        #[fallback(for_ever)]
        fn borrowed(text: &str) -> Result<&str, Fault> {
            if text.is_empty() { Err(Fault::Fatal) } else { Ok(text) }
        }
        #[fallback(Default::default, when_ok = |value| *value == 7)]
        fn plain() -> u32 {
            7
        }
        assert_eq!((generic(""), borrowed(""), plain()), (Ok(vec![]), Ok("for ever"), 0));
    }

    #[tokio::test]
    async fn get_borrowed_arguments_by_reference_one_after_the_other() {
        fn first(text: &str, log: &mut Vec<String>, error: Fault) -> Result<usize, Fault> {
            log.push(format!("first {text}"));
            Err(error)
        }
        fn second(text: &str, log: &mut Vec<String>) -> Result<usize, Fault> {
            log.push(format!("second {text}"));
            Ok(log.len())
        }
        #[fallback(first, second)]
        fn call(text: &str, log: &mut Vec<String>) -> Result<usize, Fault> {
            log.push(format!("body {text}"));
            Err(Fault::Fatal)
        }
        async fn awaited(text: &str, log: &mut Vec<String>) -> Result<usize, Fault> {
            tokio::task::yield_now().await;
            second(text, log)
        }
        #[fallback(awaited)]
        async fn call_async(text: &str, log: &mut Vec<String>) -> Result<usize, Fault> {
            tokio::task::yield_now().await;
            log.push(format!("body {text}"));
            Err(Fault::Fatal)
        }
        let mut log = Vec::new();
        assert_eq!(call("a", &mut log), Ok(3));
        assert_eq!(call_async("b", &mut log).await, Ok(5));
        assert_eq!(log, ["body a", "first a", "second a", "body b", "second b"]);
    }

    #[test]
    fn stand_in_for_an_option_and_for_a_plain_value() {
        fn none() -> Option<u32> {
            None
        }
        #[fallback(none, || Some(3))]
        fn option() -> Option<u32> {
            None
        }
        #[fallback(|_| 4, when_ok = |value| *value < min)]
        fn plain(min: u32) -> u32 {
            2
        }
        assert_eq!(option(), Some(3));
        assert_eq!((plain(2), plain(3)), (2, 4));
    }
}

mod filters {
    use super::{Error, Fault, Log, Runs, circuit_breaker, fallback, get_circuit_breaker};

    #[test]
    fn leave_errors_to_the_caller() {
        #[fallback(value = 9, on(Fault::Transient(_)), except(Fault::Transient(4)), when = |fault| *fault != Fault::Transient(5))]
        fn call(result: Result<u32, Fault>) -> Result<u32, Fault> {
            result
        }
        assert_eq!(call(Ok(1)), Ok(1));
        assert_eq!(call(Err(Fault::Transient(1))), Ok(9));
        for left in [Fault::Fatal, Fault::Transient(4), Fault::Transient(5)] {
            assert_eq!(call(Err(left.clone())), Err(left));
        }
    }

    #[test]
    fn make_an_ok_a_failure_by_when_ok() {
        fn instead(value: u32, runs: &Runs) -> Result<u32, Fault> {
            runs.hit();
            Ok(value + 100)
        }
        #[fallback(instead, when_ok = |value| *value == 0)]
        fn call(value: u32, runs: &Runs) -> Result<u32, Fault> {
            if value == 7 { Err(Fault::Fatal) } else { Ok(value) }
        }
        let runs = Runs::new();
        assert_eq!(call(1, &runs), Ok(1));
        assert_eq!((call(0, &runs), call(7, &runs)), (Ok(100), Ok(107)));
        assert_eq!(runs.count(), 2);
    }

    #[test]
    fn do_not_look_at_a_handlers_result() {
        #[fallback(|_| Err(Fault::Fatal), |_| Ok(9), on(Fault::Transient(_)))]
        fn call() -> Result<u32, Fault> {
            Err(Fault::Transient(1))
        }
        assert_eq!(call(), Ok(9), "the second answers for the first, whatever it failed with");
    }

    #[test]
    fn name_the_rejections_that_are_answered() {
        #[fallback(value = 9, rejected())]
        #[circuit_breaker(name = "filters: rejected")]
        fn some() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        #[fallback(value = 9, rejected(circuit_open), except(Fault::Fatal))]
        #[circuit_breaker(name = "filters: rejected")]
        fn others() -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        assert_eq!((some(), others()), (Ok(9), Err(Fault::Fatal)));
        get_circuit_breaker("filters: rejected").unwrap().force_open();
        assert!(some().unwrap_err().refusal().is_circuit_open());
        assert_eq!(others(), Ok(9));
    }

    #[test]
    fn never_see_a_rejection() {
        #[fallback(|error| { log.push(error.to_string()); Ok(9) }, when = |_| false)]
        #[circuit_breaker(name = "filters: unseen")]
        fn call(log: &Log<String>) -> Result<u32, Fault> {
            Err(Fault::Fatal)
        }
        let log = Log::new();
        assert_eq!(call(&log), Err(Fault::Fatal));
        get_circuit_breaker("filters: unseen").unwrap().force_open();
        assert_eq!(call(&log), Ok(9));
        assert_eq!(log.take(), ["circuit breaker `filters: unseen` is open"]);
    }

    #[test]
    fn a_rejection_comes_to_the_handler_as_the_functions_own_error() {
        #[derive(Debug, PartialEq)]
        struct Text(String);
        fn text(rejection: Error) -> Text {
            Text(rejection.policy_name().to_owned())
        }
        #[fallback(|Text(text)| Ok(text))]
        #[circuit_breaker(name = "filters: converted", map_err = text)]
        fn call() -> Result<String, Text> {
            Err(Text("its own".to_owned()))
        }
        assert_eq!(call().unwrap(), "its own");
        get_circuit_breaker("filters: converted").unwrap().force_open();
        assert_eq!(call().unwrap(), "filters: converted");
    }

    #[test]
    fn an_error_type_needs_no_conversion_where_no_handler_asks_for_it() {
        struct Bare;
        #[fallback(|_| Ok(8))]
        #[circuit_breaker(name = "filters: bare")]
        fn call() -> Result<u32, Bare> {
            Err(Bare)
        }
        get_circuit_breaker("filters: bare").unwrap().force_open();
        assert_eq!(call().ok(), Some(8));
    }
}

mod exhausted {
    use super::{FallbackExhausted, Fault, fallback};

    #[derive(Debug, PartialEq)]
    enum Outcome {
        Plain(u32),
        Exhausted(u32, u32),
    }

    fn gave_up(story: FallbackExhausted<Outcome>) -> Outcome {
        match story.last {
            Outcome::Plain(number) => Outcome::Exhausted(story.tried, number),
            other @ Outcome::Exhausted(..) => other,
        }
    }

    #[test]
    fn maps_the_error_of_the_last_handler() {
        #[fallback(|_| Err(Outcome::Plain(2)), |_| Err(Outcome::Plain(3)), exhausted = gave_up)]
        fn call() -> Result<u32, Outcome> {
            Err(Outcome::Plain(1))
        }
        assert_eq!(call(), Err(Outcome::Exhausted(2, 3)));
    }

    #[test]
    fn is_not_called_where_a_handler_answers_or_the_filter_leaves_the_error_out() {
        #[fallback(
            |error| if error == Outcome::Plain(2) { Ok(0) } else { Err(error) },
            except(Outcome::Plain(3)), exhausted = gave_up,
        )]
        fn call(number: u32) -> Result<u32, Outcome> {
            Err(Outcome::Plain(number))
        }
        assert_eq!(call(1), Err(Outcome::Exhausted(1, 1)));
        assert_eq!(call(2), Ok(0));
        assert_eq!(call(3), Err(Outcome::Plain(3)));
    }

    mod keeps {
        use super::super::{FallbackExhausted, Fault, bulkhead, fallback};

        /// The numbers of all errors, in their order.
        fn told(story: FallbackExhausted<Fault>) -> Fault {
            let number = |fault: &Fault| if let Fault::Transient(number) = fault { *number } else { 7 };
            Fault::Transient(story.errors().fold(0, |told, fault| told * 10 + number(fault)))
        }

        #[test]
        fn every_error_that_can_be_cloned() {
            #[fallback(takes, without, |error| Err(error), exhausted = told)]
            fn call() -> Result<u32, Fault> {
                Err(Fault::Transient(1))
            }
            fn takes(error: Fault) -> Result<u32, Fault> {
                assert_eq!(error, Fault::Transient(1));
                Err(Fault::Transient(2))
            }
            fn without() -> Result<u32, Fault> {
                Err(Fault::Transient(3))
            }
            assert_eq!(call(), Err(Fault::Transient(1233)));
        }

        #[tokio::test]
        async fn the_refusal_that_came_first() {
            #[fallback(without, exhausted = told)]
            #[bulkhead(max_concurrent = 1, max_wait = "0s")]
            async fn call(inner: bool) -> Result<u32, Fault> {
                if inner { Ok(1) } else { Box::pin(call(true)).await }
            }
            async fn without(_inner: bool) -> Result<u32, Fault> {
                Err(Fault::Transient(2))
            }
            // The inner call's 72, a refusal and a handler's error, is the outer call's first error.
            assert_eq!(call(false).await, Err(Fault::Transient(722)));
        }

        #[test]
        fn none_that_cant_be() {
            #[derive(Debug, PartialEq)]
            struct Unique(usize);

            #[fallback(|_| Err(Unique(0)), exhausted = |story| Unique(story.earlier.len()))]
            fn call() -> Result<u32, Unique> {
                Err(Unique(1))
            }
            assert_eq!(call(), Err(Unique(0)));
        }

        #[test]
        fn what_can_go_to_another_thread_goes_on_being_able_to() {
            fn assert_send<T: Send>(_: T) {}

            #[fallback(|_| later().await, |_| Ok(1), exhausted = |story| story.last)]
            async fn call() -> Result<u32, std::rc::Rc<u32>> {
                Ok(1)
            }
            async fn later() -> Result<u32, std::rc::Rc<u32>> {
                Ok(1)
            }
            assert_send(call());
        }
    }

    #[test]
    fn reads_as_a_sentence() {
        let story = FallbackExhausted { tried: 2, last: Fault::Fatal, earlier: vec![Fault::Transient(1)] };
        assert_eq!(story.to_string(), "all of 2 fallbacks failed too");
        let one = FallbackExhausted { tried: 1, last: Fault::Fatal, earlier: vec![] };
        assert_eq!(one.to_string(), "the fallback failed too");
    }
}

#[test]
fn a_panic_is_not_answered() {
    #[fallback(value = 9)]
    fn call() -> Result<u32, Fault> {
        panic!("the body's fault")
    }
    assert_eq!(panic_of(call), "the body's fault");
}

#[test]
fn a_panic_of_a_handler_is_passed_on() {
    #[fallback(|_| panic!("the handler's fault"), value = 9)]
    fn call() -> Result<u32, Fault> {
        Err(Fault::Fatal)
    }
    assert_eq!(panic_of(call), "the handler's fault");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_rejection_is_answered_by_default() {
    #[fallback(|error| { log.push(error.refusal().kind().to_string()); Ok(9) })]
    #[circuit_breaker(name = "every kind", failure_threshold = 2)]
    #[rate_limit(name = "every kind", rate = 3, per = "1h")]
    #[bulkhead(name = "every kind", max_concurrent = 1)]
    #[timeout("10ms")]
    async fn call(log: &Log<String>) -> Result<u32, Fault> {
        std::future::pending().await
    }
    let log = Log::new();
    let (first, second) = tokio::join!(call(&log), call(&log));
    assert_eq!((first, second), (Ok(9), Ok(9)));
    assert_eq!(call(&log).await, Ok(9));
    assert_eq!(call(&log).await, Ok(9));
    get_circuit_breaker("every kind").unwrap().reset();
    assert_eq!(call(&log).await, Ok(9));
    assert_eq!(log.take(), ["bulkhead_full", "timed_out", "timed_out", "circuit_open", "rate_limited"]);
}

#[test]
fn it_answers_once_for_all_attempts() {
    #[fallback(|error| { log.push(error); Ok(9) })]
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn call(runs: &Runs, log: &Log<Fault>) -> Result<u32, Fault> {
        runs.fail()
    }
    let log = Log::new();
    assert_eq!(call(&Runs::new(), &log), Ok(9));
    assert_eq!(log.take(), [Fault::Transient(3)]);
}

#[test]
fn inside_of_a_retry_it_answers_for_what_its_filter_lets_in() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[fallback(value = 9, on(Fault::Fatal))]
    fn call(fatal_at: u32, runs: &Runs) -> Result<u32, Fault> {
        let run = runs.hit();
        Err(if run == fatal_at { Fault::Fatal } else { Fault::Transient(run) })
    }
    assert_eq!(call(2, &Runs::new()), Ok(9));
    assert_eq!(call(9, &Runs::new()), Err(Fault::Transient(3)));
}

/// A handler that doesn't ask for the error may want what that holds.
#[test]
fn an_error_that_nobody_asks_for_ends_before_the_handler_begins() {
    static LOCK: Mutex<()> = Mutex::new(());

    struct Holds(#[allow(dead_code)] Option<MutexGuard<'static, ()>>);

    impl From<Error> for Holds {
        fn from(_: Error) -> Self {
            Self(None)
        }
    }

    #[fallback(|| Ok(LOCK.try_lock().is_ok()))]
    #[circuit_breaker]
    fn by_closure() -> Result<bool, Holds> {
        Err(Holds(LOCK.lock().ok()))
    }

    #[fallback(value = LOCK.try_lock().is_ok())]
    #[circuit_breaker]
    fn by_value() -> Result<bool, Holds> {
        Err(Holds(LOCK.lock().ok()))
    }

    assert!(by_closure().is_ok_and(|is_free| is_free));
    assert!(by_value().is_ok_and(|is_free| is_free));
}
