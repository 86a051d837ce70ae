//! Functions as people write them beyond the plain shapes; each counts its runs as the others do.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::rc::Rc;
use std::sync::Arc;

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};
use tokio::task::yield_now;

use crate::support::{Fault, Runs, assert_send, ms};

mod signatures {
    use super::{
        Cow, Debug, Display, Fault, HashMap, Rc, Runs, bulkhead, circuit_breaker, fallback, retry, timeout,
    };

    #[test]
    fn may_be_foreign_with_a_result() {
        #[allow(improper_ctypes_definitions)]
        #[retry(max_attempts = 3, base_delay = "0s")]
        extern "C" fn foreign(runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(3)
        }
        assert_eq!(foreign(&Runs::new()), Ok(3));
    }

    #[test]
    fn may_have_raw_names() {
        #[retry(max_attempts = 3, base_delay = "0s", clone(r#type))]
        fn r#match(r#type: String, r#fn: &Runs) -> Result<String, Fault> {
            let taken = r#type;
            r#fn.works_at(3)?;
            Ok(taken)
        }
        #[fallback(r#match)]
        fn r#loop(r#type: String, r#fn: &Runs) -> Result<String, Fault> {
            let _ = (&r#type, r#fn);
            Err(Fault::Fatal)
        }
        assert_eq!(r#match("raw".to_owned(), &Runs::new()), Ok("raw".to_owned()));
        assert_eq!(r#loop("raw".to_owned(), &Runs::new()), Ok("raw".to_owned()));
        assert!(resilience::catalog().iter().any(|site| site.function().ends_with("::signatures::match")));
    }

    #[test]
    fn may_take_closures_by_value_and_by_reference() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn by_value(mut next: impl FnMut() -> Result<u32, Fault>) -> Result<u32, Fault> {
            next()
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn by_reference(next: &mut dyn FnMut() -> Result<u32, Fault>) -> Result<u32, Fault> {
            next()
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn by_box(next: Box<dyn Fn() -> Result<u32, Fault> + '_>) -> Result<u32, Fault> {
            next()
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn by_parameter<F>(next: &F) -> Result<u32, Fault>
        where
            F: Fn() -> Result<u32, Fault> + ?Sized,
        {
            next()
        }
        let runs = Runs::new();
        assert_eq!(by_value(|| runs.works_at(3)), Ok(3));
        let runs = Runs::new();
        assert_eq!(by_reference(&mut || runs.works_at(3)), Ok(3));
        let runs = Runs::new();
        assert_eq!(by_box(Box::new(|| runs.works_at(3))), Ok(3));
        let runs = Runs::new();
        assert_eq!(by_parameter(&|| runs.works_at(3)), Ok(3));
    }

    #[test]
    fn may_be_generic_over_the_error() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn any<T, E>(next: impl Fn() -> Result<T, E>) -> Result<T, E> {
            next()
        }
        #[fallback(|error| { drop(error); next() })]
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker]
        #[bulkhead(max_concurrent = 2)]
        fn refusable<T, E: From<resilience::Error> + Debug>(next: impl Fn() -> Result<T, E>) -> Result<T, E> {
            next()
        }
        let runs = Runs::new();
        assert_eq!(any(|| runs.works_at(3)), Ok(3));
        let runs = Runs::new();
        assert_eq!(refusable(|| runs.works_at(4)), Ok(4));
    }

    #[test]
    fn may_have_elided_lifetimes_in_types() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn cow<'a>(text: &'a str, runs: &Runs) -> Result<Cow<'a, str>, Fault> {
            let run = runs.works_at(3)?;
            Ok(if run > 2 { Cow::Borrowed(text) } else { Cow::Owned(text.to_uppercase()) })
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn elided(text: &str) -> Result<Cow<'_, str>, Fault> {
            Ok(text.into())
        }
        #[retry(max_attempts = 3, base_delay = "0s", clone(map))]
        fn nested(map: HashMap<&str, Vec<Option<&str>>>, runs: &Runs) -> Result<usize, Fault> {
            runs.works_at(3)?;
            Ok(map.into_values().flatten().flatten().count())
        }
        assert_eq!(cow("text", &Runs::new()), Ok(Cow::Borrowed("text")));
        assert_eq!(elided("text"), Ok(Cow::Borrowed("text")));
        assert_eq!(nested(HashMap::from([("a", vec![Some("b"), None])]), &Runs::new()), Ok(1));
    }

    #[test]
    fn may_have_bounds_of_higher_rank() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call<F, T: ?Sized + Display>(make: F, runs: &Runs, value: &T) -> Result<String, Fault>
        where
            for<'a> F: Fn(&'a str) -> &'a str,
        {
            runs.works_at(3)?;
            Ok(make(&value.to_string()).to_owned())
        }
        assert_eq!(call(|text| &text[1..], &Runs::new(), "text"), Ok("ext".to_owned()));
    }

    #[test]
    fn may_have_attributes_on_arguments() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(#[allow(unused_variables)] unused: u32, #[cfg(test)] runs: &Runs) -> Result<u32, Fault> {
            runs.works_at(3)
        }
        assert_eq!(call(1, &Runs::new()), Ok(3));
    }

    trait Shape: Sized {
        type Item: Default + PartialEq + Debug;
        const NEEDED: u32;

        fn make(runs: &Runs) -> Result<Self, Fault>;

        #[retry(max_attempts = 3, base_delay = "0s")]
        fn item(self, runs: &Runs) -> Result<Self::Item, Fault>
        where
            Self: Clone,
        {
            runs.works_at(Self::NEEDED)?;
            Ok(Self::Item::default())
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Dot<const N: usize>;

    impl<const N: usize> Shape for Dot<N> {
        type Item = [u8; 2];
        const NEEDED: u32 = 3;

        #[retry(max_attempts = 3, base_delay = "0s")]
        fn make(runs: &Runs) -> Result<Self, Fault> {
            runs.works_at(Self::NEEDED)?;
            Ok(Self)
        }
    }

    #[test]
    fn may_use_self_in_every_place() {
        assert_eq!(Dot::<5>::make(&Runs::new()), Ok(Dot::<5>));
        assert_eq!(Dot::<5>.item(&Runs::new()), Ok([0, 0]));
    }

    struct Holder<T> {
        value: T,
        runs: Runs,
    }

    impl<T: Clone> Holder<T> {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn mut_self(mut self) -> Result<u32, Fault>
        where
            T: Default,
        {
            self.value = T::default();
            self.runs.works_at(3)
        }

        #[allow(clippy::boxed_local)]
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn in_a_box(self: Box<Self>) -> Result<T, Fault> {
            self.runs.works_at(3)?;
            Ok(self.value.clone())
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        fn in_an_rc(self: &Rc<Self>) -> Result<T, Fault> {
            self.runs.works_at(3)?;
            Ok(self.value.clone())
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        fn iterate(&self) -> Result<impl Iterator<Item = T> + '_, Fault> {
            self.runs.works_at(3)?;
            Ok(std::iter::repeat_with(|| self.value.clone()).take(2))
        }
    }

    #[test]
    fn may_have_every_receiver() {
        let holder = || Holder { value: 7_u8, runs: Runs::new() };
        assert_eq!(holder().mut_self(), Ok(3));
        assert_eq!(Box::new(holder()).in_a_box(), Ok(7));
        assert_eq!(Rc::new(holder()).in_an_rc(), Ok(7));
        assert_eq!(holder().iterate().map(Iterator::collect::<Vec<_>>), Ok(vec![7, 7]));
    }

    #[test]
    fn may_return_nested_results_and_options() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn optional(runs: &Runs) -> Result<Option<u32>, Fault> {
            Ok(runs.works_at(3)?.checked_sub(3))
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn inside_out(runs: &Runs) -> Option<Result<u32, Fault>> {
            Some(Ok(runs.works_at(3).ok()?))
        }
        #[retry(max_attempts = 3, base_delay = "0s", when_ok = Result::is_err)]
        fn twice(runs: &Runs) -> Result<Result<u32, Fault>, Fault> {
            Ok(runs.works_at(3))
        }
        assert_eq!(optional(&Runs::new()), Ok(Some(0)));
        assert_eq!(inside_out(&Runs::new()), Some(Ok(3)));
        assert_eq!(twice(&Runs::new()), Ok(Ok(3)));
    }

    #[test]
    fn may_return_a_type_that_only_a_macro_knows() {
        macro_rules! answer {
            ($ty:ty) => { Result<$ty, Fault> };
        }
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(runs: &Runs) -> answer!(u32) {
            runs.works_at(3)
        }
        assert_eq!(call(&Runs::new()), Ok(3));
    }

    #[test]
    fn may_take_many_arguments() {
        #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
        #[fallback(twelve)]
        fn call(
            a: u8,
            b: u8,
            c: u8,
            d: u8,
            e: u8,
            f: u8,
            g: u8,
            h: u8,
            i: u8,
            j: u8,
            k: u8,
            l: u8,
        ) -> Option<u8> {
            let _ = (a, b, c, d, e, f, g, h, i, j, k, l);
            None
        }
        #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
        fn twelve(
            a: u8,
            b: u8,
            c: u8,
            d: u8,
            e: u8,
            f: u8,
            g: u8,
            h: u8,
            i: u8,
            j: u8,
            k: u8,
            l: u8,
        ) -> Option<u8> {
            Some(a + b + c + d + e + f + g + h + i + j + k + l)
        }
        assert_eq!(call(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), Some(12));
    }

    #[test]
    fn may_stand_in_a_module_that_has_none_of_the_names_in_scope() {
        mod bare {
            #![allow(clippy::pedantic)]

            #[::resilience::fallback(value = 9)]
            #[::resilience::retry(max_attempts = 3, base_delay = "0s")]
            #[::resilience::circuit_breaker]
            #[::resilience::bulkhead(max_concurrent = 1)]
            #[::resilience::timeout("1h", mode = "cooperative")]
            pub(super) fn call(runs: &crate::support::Runs) -> Result<u32, crate::support::Fault> {
                runs.works_at(3)
            }
        }
        assert_eq!(bare::call(&Runs::new()), Ok(3));
    }

    #[test]
    fn may_be_private_items_of_a_trait_impl_with_the_same_name_twice() {
        struct One;
        struct Two;
        impl std::str::FromStr for One {
            type Err = Fault;

            #[retry(max_attempts = 3, base_delay = "0s")]
            #[timeout("1h", mode = "cooperative")]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if text.is_empty() { Err(Fault::Fatal) } else { Ok(Self) }
            }
        }
        impl TryFrom<u8> for Two {
            type Error = Fault;

            #[retry(max_attempts = 3, base_delay = "0s", on(Fault::Transient(_)))]
            fn try_from(number: u8) -> Result<Self, Self::Error> {
                if number == 0 { Err(Fault::Fatal) } else { Ok(Self) }
            }
        }
        assert!("text".parse::<One>().is_ok());
        assert_eq!("".parse::<One>().err(), Some(Fault::Fatal));
        assert_eq!(Two::try_from(0).err(), Some(Fault::Fatal));
        assert!(Two::try_from(1).is_ok());
    }
}

mod bodies {
    use super::{Arc, Fault, Runs, assert_send, bulkhead, fallback, ms, retry, timeout, yield_now};

    #[test]
    fn may_hold_items_imports_macros_and_inner_attributes() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        fn call(runs: &Runs) -> Result<u32, Fault> {
            #![allow(clippy::items_after_statements)]
            use std::ops::Add as _;
            const ONE: u32 = 1;
            struct Local(u32);
            impl Local {
                fn plus(&self, by: u32) -> u32 {
                    self.0.add(by)
                }
            }
            macro_rules! twice {
                ($value:expr) => {
                    $value + $value
                };
            }
            fn helper(value: u32) -> Result<u32, Fault> {
                if value > 100 {
                    return Err(Fault::Fatal);
                }
                Ok(value)
            }
            let run = runs.works_at(3)?;
            helper(Local(twice!(run)).plus(ONE))
        }
        assert_eq!(call(&Runs::new()), Ok(7));
    }

    #[test]
    fn may_be_a_single_expression_or_nothing() {
        #[retry]
        fn nothing() -> Option<()> {
            Some(())
        }
        #[fallback(value = ())]
        #[bulkhead(max_concurrent = 1)]
        fn empty() {}
        #[fallback(value = ())]
        #[timeout("1h")]
        async fn empty_async() {}
        assert_eq!(nothing(), Some(()));
        empty();
        drop(assert_send(empty_async()));
    }

    #[test]
    fn may_change_fields_through_a_mutable_receiver_and_argument() {
        struct Machine {
            steps: Vec<u32>,
            total: u32,
        }
        impl Machine {
            #[retry(max_attempts = 3, base_delay = "0s")]
            fn step(&mut self, extra: &mut [u32], runs: &Runs) -> Result<u32, Fault> {
                let Self { steps, total } = self;
                let run = runs.hit();
                steps.push(run);
                for number in extra.iter_mut() {
                    *number += run;
                }
                *total += extra.iter().sum::<u32>();
                if run < 3 { Err(Fault::Transient(run)) } else { Ok(*total) }
            }
        }
        let (mut machine, mut extra) = (Machine { steps: vec![], total: 0 }, [1, 2]);
        assert_eq!(machine.step(&mut extra, &Runs::new()), Ok(5 + 9 + 15));
        assert_eq!((machine.steps, extra), (vec![1, 2, 3], [7, 8]));
    }

    #[tokio::test(start_paused = true)]
    async fn may_select_join_and_spawn() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[timeout("1m")]
        async fn call(runs: &Arc<Runs>) -> Result<u32, Fault> {
            let (left, right) = tokio::join!(async { 1 }, async { 2 });
            let spawned = tokio::spawn({
                let runs = Arc::clone(runs);
                async move { runs.works_at(3) }
            });
            tokio::select! {
                () = tokio::time::sleep(ms(50)) => Err(Fault::Fatal),
                result = spawned => Ok(result.map_err(|_| Fault::Fatal)?? + left + right),
            }
        }
        let runs = Arc::new(Runs::new());
        assert_eq!(assert_send(call(&runs)).await, Ok(6));
    }

    #[tokio::test]
    async fn may_move_clones_into_blocks() {
        #[retry(max_attempts = 3, base_delay = "0s", clone(names))]
        async fn call(names: Vec<String>, runs: &Runs) -> Result<usize, Fault> {
            let block = async move {
                yield_now().await;
                names.into_iter().map(|name| name.len()).sum::<usize>()
            };
            let sum = block.await;
            runs.works_at(3)?;
            Ok(sum)
        }
        let names = vec!["a".to_owned(), "bc".to_owned()];
        assert_eq!(assert_send(call(names, &Runs::new())).await, Ok(3));
    }

    #[tokio::test]
    async fn may_match_and_loop_across_awaits() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn call(parts: &[&str], runs: &Runs) -> Result<u32, Fault> {
            let mut sum = 0;
            'parts: for part in parts {
                for _ in 0..2 {
                    yield_now().await;
                    match part.parse::<u32>() {
                        Ok(0) => break 'parts,
                        Ok(number) => sum += number,
                        Err(_) if part.is_empty() => continue 'parts,
                        Err(_) => return Err(Fault::Fatal),
                    }
                }
            }
            runs.works_at(3).map(|_| sum)
        }
        assert_eq!(call(&["1", "", "2", "0", "9"], &Runs::new()).await, Ok(6));
        let runs = Runs::new();
        assert_eq!(call(&["x"], &runs).await, Err(Fault::Fatal));
        assert_eq!(runs.count(), 0);
    }

    #[tokio::test]
    async fn may_be_async_in_a_native_trait_with_a_default() {
        trait Native {
            fn runs(&self) -> &Runs;

            #[allow(async_fn_in_trait)]
            #[retry(max_attempts = 3, base_delay = "0s")]
            #[timeout("1h")]
            async fn call(&self, plus: u32) -> Result<u32, Fault> {
                yield_now().await;
                Ok(self.runs().works_at(3)? + plus)
            }
        }
        impl Native for Runs {
            fn runs(&self) -> &Runs {
                self
            }
        }
        assert_eq!(Runs::new().call(4).await, Ok(7));
    }

    #[tokio::test]
    async fn may_use_what_is_not_send_where_the_future_stays_on_its_thread() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[bulkhead(max_concurrent = 2, max_wait = "1s")]
        #[timeout("1h")]
        async fn call(count: std::rc::Rc<std::cell::Cell<u32>>) -> Result<u32, Fault> {
            count.set(count.get() + 1);
            yield_now().await;
            if count.get() < 3 { Err(Fault::Fatal) } else { Ok(count.get()) }
        }
        assert_eq!(call(std::rc::Rc::default()).await, Ok(3));
    }

    #[tokio::test]
    async fn futures_stay_small() {
        #[fallback(value = [0; 4])]
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[resilience::circuit_breaker]
        #[bulkhead(max_concurrent = 2, max_wait = "1s")]
        #[timeout("1h")]
        async fn annotated(runs: &Runs) -> Result<[u8; 4], Fault> {
            let buffer = [1_u8; 16 * 1024];
            yield_now().await;
            runs.hit();
            Ok([buffer[0]; 4])
        }
        async fn bare(runs: &Runs) -> Result<[u8; 4], Fault> {
            let buffer = [1_u8; 16 * 1024];
            yield_now().await;
            runs.hit();
            Ok([buffer[0]; 4])
        }
        let runs = Runs::new();
        let (annotated, bare) = (annotated(&runs), bare(&runs));
        let (size, limit) = (size_of_val(&annotated), size_of_val(&bare) * 105 / 100 + 256);
        assert!(size <= limit, "{size} > {limit}");
        assert_eq!((Box::pin(annotated).await, Box::pin(bare).await), (Ok([1; 4]), Ok([1; 4])));
    }
}
