//! Async functions of every shape: each is run anew for every attempt, and its future can be spawned.

use std::cell::Cell;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};
use tokio::task::yield_now;

use crate::support::{Fault, Runs, assert_send, ms};

#[tokio::test]
async fn a_free_function_is_run_anew() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        yield_now().await;
        runs.works_at(3)
    }
    let runs = Runs::new();
    assert_eq!(assert_send(call(&runs)).await, Ok(3));
    assert_eq!(runs.count(), 3);
}

#[derive(Default)]
struct Service {
    runs: Runs,
    log: Vec<u32>,
}

impl Service {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_ref(&self, plus: u32) -> Result<u32, Fault> {
        yield_now().await;
        Ok(self.runs.works_at(3)? + plus)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_mut(&mut self, plus: u32) -> Result<u32, Fault> {
        self.log.push(plus);
        yield_now().await;
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_value(self) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_typed_self(self: &Arc<Self>) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_owned_arc(self: Arc<Self>) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn by_pin(self: Pin<&mut Self>) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn associated(runs: &Runs) -> Result<u32, Fault> {
        yield_now().await;
        runs.works_at(3)
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn lends(&self) -> Result<&Runs, Fault> {
        yield_now().await;
        self.runs.works_at(3)?;
        Ok(&self.runs)
    }

    // Retry around it can't be written in Rust; the other policies can.
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1m")]
    async fn lends_mutably(&mut self) -> Result<&mut Vec<u32>, Fault> {
        yield_now().await;
        self.runs.works_at(2)?;
        Ok(&mut self.log)
    }

    #[fallback(Self::last_resort)]
    #[timeout("2m")]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1m")]
    async fn full_stack_by_ref(&self, plus: u32) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.fail().map(|run| run + plus)
    }

    async fn last_resort(&self, plus: u32) -> Result<u32, Fault> {
        yield_now().await;
        Ok(self.runs.count() * 100 + plus)
    }

    #[fallback(Self::last_mut_resort)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1m")]
    async fn full_stack_by_mut(&mut self, plus: u32) -> Result<u32, Fault> {
        self.log.push(plus);
        yield_now().await;
        self.runs.fail()
    }

    async fn last_mut_resort(&mut self, plus: u32, error: Fault) -> Result<u32, Fault> {
        self.log.push(plus * 10);
        assert_eq!(error, Fault::Transient(3));
        Ok(9)
    }

    #[fallback(value = 9)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1m")]
    async fn full_stack_by_value(self, runs: &Runs) -> Result<u32, Fault> {
        yield_now().await;
        assert_eq!(self.runs.count(), 0);
        runs.fail()
    }
}

#[tokio::test]
async fn a_method_by_reference_is_run_anew() {
    let service = Service::default();
    assert_eq!(assert_send(service.by_ref(10)).await, Ok(13));
    assert_eq!(service.runs.count(), 3);
}

#[tokio::test]
async fn a_method_by_mutable_reference_is_run_anew_and_keeps_what_each_attempt_wrote() {
    let mut service = Service::default();
    assert_eq!(assert_send(service.by_mut(7)).await, Ok(3));
    assert_eq!(service.log, [7, 7, 7]);
}

#[tokio::test]
async fn a_method_by_value_is_run_anew() {
    assert_eq!(assert_send(Service::default().by_value()).await, Ok(3));
}

#[tokio::test]
async fn a_method_with_a_typed_receiver_is_run_anew() {
    let service = Arc::new(Service::default());
    assert_eq!(assert_send(service.by_typed_self()).await, Ok(3));
    assert_eq!(assert_send(Arc::new(Service::default()).by_owned_arc()).await, Ok(3));
    assert_eq!(assert_send(Pin::new(&mut Service::default()).by_pin()).await, Ok(3));
}

#[tokio::test]
async fn an_associated_function_is_run_anew() {
    let runs = Runs::new();
    assert_eq!(assert_send(Service::associated(&runs)).await, Ok(3));
}

#[tokio::test]
async fn a_result_may_borrow_from_self() {
    let service = Service::default();
    assert_eq!(assert_send(service.lends()).await.map(Runs::count), Ok(3));
}

#[tokio::test]
async fn what_a_body_ends_in_is_coerced_to_its_result() {
    #[retry]
    async fn name(names: &[String]) -> Result<&str, Fault> {
        let Some(name) = names.first() else { return Ok("nobody") };
        Ok(name)
    }
    #[circuit_breaker]
    async fn unsized_to(number: u32) -> Option<Box<dyn Display>> {
        Some(Box::new(number))
    }
    #[retry]
    async fn never(first: &str) -> Result<&str, Fault> {
        if !first.is_empty() {
            return Ok(first);
        }
        std::future::pending::<()>().await;
        unreachable!()
    }
    assert_eq!(name(&["Ada".to_owned()]).await, Ok("Ada"));
    assert_eq!(name(&[]).await, Ok("nobody"));
    assert_eq!(unsized_to(7).await.map(|number| number.to_string()).as_deref(), Some("7"));
    assert_eq!(never("Ada").await, Ok("Ada"));
}

#[tokio::test]
async fn a_result_may_borrow_from_self_mutably_where_nothing_retries() {
    let mut service = Service::default();
    assert_eq!(service.lends_mutably().await.err(), Some(Fault::Transient(1)));
    assert_send(service.lends_mutably()).await.unwrap().push(5);
    assert_eq!(service.log, [5]);
}

#[tokio::test]
async fn the_full_stack_stands_on_every_kind_of_method_and_can_be_spawned() {
    let by_ref = tokio::spawn(async { Service::default().full_stack_by_ref(7).await });
    assert_eq!(by_ref.await.unwrap(), Ok(307));
    let by_mut = tokio::spawn(async {
        let mut service = Service::default();
        (service.full_stack_by_mut(7).await, service.log)
    });
    assert_eq!(by_mut.await.unwrap(), (Ok(9), vec![7, 7, 7, 70]));
    let by_value = tokio::spawn(async {
        let runs = Runs::new();
        (Service::default().full_stack_by_value(&runs).await, runs.count())
    });
    assert_eq!(by_value.await.unwrap(), (Ok(9), 3));
}

trait Fetch: Sync {
    fn runs(&self) -> &Runs;

    // What `async fn` in a trait stands for, with the bound that a caller needs to spawn it.
    fn required(&self) -> impl Future<Output = Result<u32, Fault>> + Send;

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn provided(&self, plus: u32) -> impl Future<Output = Result<u32, Fault>> + Send {
        let runs = self.runs();
        let first = runs.hit();
        async move {
            yield_now().await;
            if first < 3 { Err(Fault::Transient(first)) } else { Ok(first + plus) }
        }
    }
}

impl Fetch for Service {
    fn runs(&self) -> &Runs {
        &self.runs
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn required(&self) -> Result<u32, Fault> {
        yield_now().await;
        self.runs.works_at(3)
    }
}

#[tokio::test]
async fn a_trait_method_is_run_anew_implemented_or_by_default() {
    async fn both<F: Fetch>(one: &F, other: &F) -> (Result<u32, Fault>, Result<u32, Fault>) {
        (assert_send(one.required()).await, assert_send(other.provided(10)).await)
    }
    assert_eq!(both(&Service::default(), &Service::default()).await, (Ok(3), Ok(13)));
}

mod async_trait_methods {
    use super::{Arc, Fault, Runs, bulkhead, circuit_breaker, fallback, retry, timeout, yield_now};
    use async_trait::async_trait;

    #[async_trait]
    trait Store: Send + Sync {
        async fn borrowed(&self, key: &str) -> Result<String, Fault>;
        async fn owned(&self, key: String) -> Result<String, Fault>;
        async fn mutable(&mut self, by: u32) -> Result<u32, Fault>;
        async fn without_self(runs: &Runs) -> Result<u32, Fault>
        where
            Self: Sized;
        async fn generic<T: Clone + Send + Sync + 'static>(&self, value: T) -> Result<T, Fault>
        where
            Self: Sized;
        async fn stacked(&self, key: &str) -> Result<String, Fault>;
        async fn optional(&self) -> Option<u32>;
        async fn consuming(self: Box<Self>) -> Result<u32, Fault>;

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn provided(&self, runs: &Runs) -> Result<u32, Fault> {
            yield_now().await;
            runs.works_at(3)
        }
    }

    #[derive(Default)]
    struct Memory {
        runs: Runs,
        total: u32,
    }

    #[async_trait]
    impl Store for Memory {
        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn borrowed(&self, key: &str) -> Result<String, Fault> {
            yield_now().await;
            self.runs.works_at(3)?;
            Ok(key.to_owned())
        }

        #[retry(max_attempts = 3, base_delay = "0s", clone(key))]
        async fn owned(&self, key: String) -> Result<String, Fault> {
            yield_now().await;
            self.runs.works_at(3)?;
            Ok(key)
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn mutable(&mut self, by: u32) -> Result<u32, Fault> {
            self.total += by;
            yield_now().await;
            self.runs.works_at(3)?;
            Ok(self.total)
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn without_self(runs: &Runs) -> Result<u32, Fault> {
            yield_now().await;
            runs.works_at(3)
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn generic<T: Clone + Send + Sync + 'static>(&self, value: T) -> Result<T, Fault> {
            yield_now().await;
            self.runs.works_at(3)?;
            Ok(value.clone())
        }

        #[fallback(|error| Ok(format!("{key}, without {}, after {error}", self.total)))]
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker]
        #[bulkhead(max_concurrent = 3, max_wait = "1s")]
        #[timeout("1m")]
        async fn stacked(&self, key: &str) -> Result<String, Fault> {
            yield_now().await;
            self.runs.fail()?;
            Ok(key.to_owned())
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn optional(&self) -> Option<u32> {
            yield_now().await;
            self.runs.works_at(3).ok()
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn consuming(self: Box<Self>) -> Result<u32, Fault> {
            yield_now().await;
            self.runs.works_at(3)
        }
    }

    #[tokio::test]
    async fn borrowed_arguments_are_there_for_each_attempt() {
        let store: Arc<dyn StoreObject> = Arc::new(Memory::default());
        assert_eq!(
            tokio::spawn(async move { store.fetch("key").await }).await.unwrap(),
            Ok("key".to_owned())
        );
    }

    // `Store` has methods that no object can have; this is what an application would inject.
    #[async_trait]
    trait StoreObject: Send + Sync {
        async fn fetch(&self, key: &str) -> Result<String, Fault>;
    }

    #[async_trait]
    impl StoreObject for Memory {
        async fn fetch(&self, key: &str) -> Result<String, Fault> {
            self.borrowed(key).await
        }
    }

    #[tokio::test]
    async fn owned_arguments_are_cloned_for_each_attempt() {
        let store = Memory::default();
        assert_eq!(store.owned("key".to_owned()).await, Ok("key".to_owned()));
        assert_eq!(store.runs.count(), 3);
    }

    #[tokio::test]
    async fn a_mutable_receiver_is_there_for_each_attempt() {
        let mut store = Memory::default();
        assert_eq!(store.mutable(5).await, Ok(15));
    }

    #[tokio::test]
    async fn every_other_kind_of_method_is_run_anew() {
        assert_eq!(Memory::without_self(&Runs::new()).await, Ok(3));
        assert_eq!(Memory::default().generic(7_u8).await, Ok(7));
        assert_eq!(Memory::default().optional().await, Some(3));
        assert_eq!(Memory::default().provided(&Runs::new()).await, Ok(3));
        assert_eq!(Box::new(Memory::default()).consuming().await, Ok(3));
    }

    #[tokio::test]
    async fn the_full_stack_stands_on_one() {
        let store = Memory::default();
        let answer = store.stacked("key").await;
        assert_eq!(answer, Ok("key, without 0, after transient fault of run 3".to_owned()));
        assert_eq!(store.runs.count(), 3);
    }

    #[async_trait(?Send)]
    trait Local {
        async fn call(&self) -> Result<u32, Fault>;
    }

    #[async_trait(?Send)]
    impl Local for std::cell::Cell<u32> {
        #[retry(max_attempts = 3, base_delay = "0s")]
        async fn call(&self) -> Result<u32, Fault> {
            self.set(self.get() + 1);
            yield_now().await;
            if self.get() < 3 { Err(Fault::Fatal) } else { Ok(self.get()) }
        }
    }

    #[tokio::test]
    async fn a_trait_without_send_is_fine_too() {
        assert_eq!(std::cell::Cell::new(0).call().await, Ok(3));
    }
}

#[tokio::test]
async fn a_generic_function_is_run_anew() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn call<T: Display, const N: usize>(values: [T; N], runs: Arc<Runs>) -> Result<String, Fault>
    where
        T: PartialEq + Send + Sync,
    {
        yield_now().await;
        runs.works_at(3)?;
        Ok(values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
    }
    let runs = Arc::new(Runs::new());
    assert_eq!(tokio::spawn(call([1, 2, 3], Arc::clone(&runs))).await.unwrap(), Ok("1+2+3".to_owned()));
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn arguments_and_results_may_have_lifetimes() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn pick<'a, 'b: 'a>(long: &'b str, short: &'a str, runs: &Runs) -> Result<&'a str, Fault> {
        yield_now().await;
        if runs.works_at(3)? == 3 { Ok(long) } else { Ok(short) }
    }
    let runs = Runs::new();
    assert_eq!(assert_send(pick("long", "short", &runs)).await, Ok("long"));
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn impl_trait_may_stand_in_arguments_and_in_the_result() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn count(
        next: impl Fn() -> u32 + Send + Sync,
        label: impl Into<String> + Clone + Send + Sync,
    ) -> Result<impl Iterator<Item = u32>, Fault> {
        yield_now().await;
        assert_eq!(label.clone().into(), "label");
        let run = next();
        if run < 3 { Err(Fault::Transient(run)) } else { Ok(0..run) }
    }
    let runs = Runs::new();
    let counted = assert_send(count(|| runs.hit(), "label")).await.map(Iterator::collect::<Vec<_>>);
    assert_eq!(counted, Ok(vec![0, 1, 2]));
}

mod functions_that_return_futures {
    use super::{
        Arc, Fault, Pin, Runs, assert_send, bulkhead, circuit_breaker, fallback, retry, timeout, yield_now,
    };

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn opaque(creations: &Runs, runs: &Runs) -> impl Future<Output = Result<u32, Fault>> + Send {
        creations.hit();
        async move {
            yield_now().await;
            runs.works_at(3)
        }
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn boxed<'a>(
        creations: &'a Runs,
        runs: &'a Runs,
    ) -> Pin<Box<dyn Future<Output = Result<u32, Fault>> + Send + 'a>> {
        creations.hit();
        Box::pin(async move {
            yield_now().await;
            runs.works_at(3)
        })
    }

    type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn aliased<'a>(creations: &'a Runs, runs: &'a Runs) -> BoxFuture<'a, Result<u32, Fault>> {
        creations.hit();
        Box::pin(async move { runs.works_at(3) })
    }

    /// Of a name that says nothing, and with nothing between its brackets that would.
    type Running<'a> = Pin<Box<dyn Future<Output = Result<u32, Fault>> + Send + 'a>>;

    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[timeout("1m")]
    fn under_another_name<'a>(creations: &'a Runs, runs: &'a Runs) -> Running<'a> {
        creations.hit();
        Box::pin(async move {
            yield_now().await;
            runs.works_at(3)
        })
    }

    async fn fails(runs: &Runs) -> Result<u32, Fault> {
        runs.fail()
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    fn handed_on(runs: &Runs) -> Running<'_> {
        std::boxed::Box::pin(fails(runs))
    }

    #[fallback(|_| Ok(creations.count() * 100 + runs.count()))]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[bulkhead(max_concurrent = 3, max_wait = "1s")]
    #[timeout("1m")]
    fn stacked(creations: Arc<Runs>, runs: Arc<Runs>) -> impl Future<Output = Result<u32, Fault>> + Send {
        creations.hit();
        let runs = Arc::clone(&runs);
        async move {
            yield_now().await;
            runs.fail()
        }
    }

    #[tokio::test]
    async fn the_body_and_the_future_are_both_run_anew() {
        let (creations, runs) = (Runs::new(), Runs::new());
        assert_eq!(assert_send(opaque(&creations, &runs)).await, Ok(3));
        assert_eq!((creations.count(), runs.count()), (3, 3));
        let (creations, runs) = (Runs::new(), Runs::new());
        assert_eq!(boxed(&creations, &runs).await, Ok(3));
        assert_eq!((creations.count(), runs.count()), (3, 3));
        let (creations, runs) = (Runs::new(), Runs::new());
        assert_eq!(aliased(&creations, &runs).await, Ok(3));
        assert_eq!((creations.count(), runs.count()), (3, 3));
        let (creations, runs) = (Runs::new(), Runs::new());
        assert_eq!(assert_send(under_another_name(&creations, &runs)).await, Ok(3));
        assert_eq!((creations.count(), runs.count()), (3, 3));
        let runs = Runs::new();
        assert!(handed_on(&runs).await.is_err());
        assert_eq!(runs.count(), 3);
    }

    #[tokio::test]
    async fn the_full_stack_stands_on_one() {
        let (creations, runs) = (Arc::new(Runs::new()), Arc::new(Runs::new()));
        let spawned = tokio::spawn(stacked(Arc::clone(&creations), Arc::clone(&runs)));
        assert_eq!(spawned.await.unwrap(), Ok(303));
    }

    #[tokio::test]
    async fn nothing_happens_before_the_first_poll() {
        let (creations, runs) = (Runs::new(), Runs::new());
        drop(opaque(&creations, &runs));
        assert_eq!((creations.count(), runs.count()), (0, 0));
    }
}

#[tokio::test]
async fn question_marks_returns_and_bails_end_the_attempt_and_not_the_function() {
    #[retry(max_attempts = 4, base_delay = "0s")]
    async fn call(runs: &Runs) -> anyhow::Result<u32> {
        let run = runs.hit();
        yield_now().await;
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
    assert_eq!(assert_send(call(&runs)).await.unwrap(), 4);
    assert_eq!(runs.count(), 4);
}

#[tokio::test]
async fn closures_and_blocks_in_the_body_keep_their_own_returns() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        let double = async |text: &str| -> Result<u32, std::num::ParseIntError> {
            if text.is_empty() {
                return Ok(0);
            }
            yield_now().await;
            Ok(text.parse::<u32>()? * 2)
        };
        let block = async {
            if runs.count() < 100 {
                return 1;
            }
            2
        };
        let doubled = double("").await.unwrap_or(9) + double("x").await.unwrap_or(7) + block.await;
        Ok(runs.works_at(3)? + doubled)
    }
    let runs = Runs::new();
    assert_eq!(call(&runs).await, Ok(11));
    assert_eq!(runs.count(), 3);
}

#[tokio::test]
async fn every_kind_of_argument_is_there_for_each_attempt() {
    struct Point {
        x: u32,
        y: u32,
    }
    #[allow(clippy::too_many_arguments)]
    #[retry(max_attempts = 3, base_delay = "0s", clone(consumed))]
    async fn call(
        Point { x, y: up }: Point,
        (left, _): (u32, u32),
        _unused: String,
        _: u8,
        mut shared: u32,
        consumed: Vec<u32>,
        log: &mut Vec<u32>,
        runs: &Runs,
    ) -> Result<u32, Fault> {
        shared += 1;
        log.push(shared);
        yield_now().await;
        let sum: u32 = consumed.into_iter().sum();
        runs.works_at(3)?;
        Ok(x + up + left + sum)
    }
    let mut log = Vec::new();
    let future =
        call(Point { x: 1, y: 2 }, (4, 0), String::new(), 0, 10, vec![8], &mut log, &Runs::new()).await;
    assert_eq!(future, Ok(15));
    assert_eq!(log, [11, 12, 13]);
}

#[tokio::test]
async fn option_aliases_plain_values_and_boxed_errors_are_results_too() {
    type Answer<T> = Result<T, Fault>;

    #[retry(max_attempts = 3, base_delay = "0s")]
    async fn alias(runs: &Runs) -> Answer<u32> {
        yield_now().await;
        runs.works_at(3)
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1m")]
    async fn option(runs: &Runs) -> Option<u32> {
        yield_now().await;
        runs.works_at(3).ok()
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1m")]
    async fn boxed(runs: &Runs) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        yield_now().await;
        Ok(runs.works_at(3)?)
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1m")]
    async fn io(runs: &Runs) -> std::io::Result<u32> {
        yield_now().await;
        runs.works_at(3).map_err(std::io::Error::other)
    }
    #[fallback(value = 9)]
    #[timeout("1m")]
    async fn plain(hang: bool) -> u32 {
        if hang {
            std::future::pending::<()>().await;
        }
        3
    }
    #[fallback(value = ())]
    #[timeout("1m")]
    async fn nothing(runs: &Runs) {
        yield_now().await;
        runs.hit();
    }
    assert_eq!(assert_send(alias(&Runs::new())).await, Ok(3));
    assert_eq!(assert_send(option(&Runs::new())).await, Some(3));
    assert_eq!(assert_send(boxed(&Runs::new())).await.unwrap(), 3);
    assert_eq!(assert_send(io(&Runs::new())).await.unwrap(), 3);
    assert_eq!(assert_send(plain(false)).await, 3);
    let runs = Runs::new();
    assert_send(nothing(&runs)).await;
    assert_eq!(runs.count(), 1);
    tokio::time::pause();
    assert_eq!(plain(true).await, 9);
}

mod futures_stay_send {
    use super::{
        Arc, Cell, Fault, Runs, assert_send, bulkhead, circuit_breaker, fallback, ms, retry, timeout,
        yield_now,
    };

    // `Cell` is `Send` and not `Sync`: a future that held a borrow of it across an await would not be `Send`.
    #[tokio::test]
    async fn arguments_need_not_be_sync_where_the_body_runs_once() {
        #[circuit_breaker]
        #[bulkhead(max_concurrent = 2, max_wait = "1s")]
        #[timeout("1m")]
        async fn call(cell: Cell<u32>) -> Result<u32, Fault> {
            yield_now().await;
            cell.set(cell.get() + 1);
            yield_now().await;
            Ok(cell.into_inner())
        }
        #[timeout("1m")]
        async fn timed(cell: Cell<u32>) -> Result<u32, Fault> {
            yield_now().await;
            Ok(cell.into_inner())
        }
        #[fallback(value = 9)]
        #[bulkhead(max_concurrent = 2)]
        async fn answered(cell: Cell<u32>) -> Result<u32, Fault> {
            yield_now().await;
            Ok(cell.into_inner())
        }
        assert_eq!(tokio::spawn(call(Cell::new(1))).await.unwrap(), Ok(2));
        assert_eq!(tokio::spawn(timed(Cell::new(1))).await.unwrap(), Ok(1));
        assert_eq!(tokio::spawn(answered(Cell::new(1))).await.unwrap(), Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_need_not_be_send_beside_a_retry_that_waits() {
        #[retry(max_attempts = 3, base_delay = "1ms", jitter = "none")]
        #[circuit_breaker]
        #[bulkhead(max_concurrent = 2)]
        async fn call(runs: Arc<Runs>) -> Result<u32, Local> {
            yield_now().await;
            let run = runs.hit();
            if run < 3 { Err(Local(std::rc::Rc::new(run))) } else { Ok(run) }
        }
        // The result itself can't leave the task.
        let task = tokio::spawn(assert_send(async {
            let runs = Arc::new(Runs::new());
            call(runs).await.ok()
        }));
        assert_eq!(task.await.unwrap(), Some(3));
    }

    impl From<resilience::Error> for Local {
        fn from(_: resilience::Error) -> Self {
            Self(std::rc::Rc::new(0))
        }
    }

    #[derive(Debug, PartialEq)]
    struct Local(std::rc::Rc<u32>);

    #[tokio::test]
    async fn an_error_need_not_be_send_in_the_whole_stack() {
        #[fallback(|error| { yield_now().await; Ok(*error.0) }, value = 9)]
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker]
        #[bulkhead(max_concurrent = 2, max_wait = "1s")]
        #[timeout("1m")]
        async fn call(runs: &Runs) -> Result<u32, Local> {
            yield_now().await;
            Err(Local(std::rc::Rc::new(runs.hit())))
        }
        // A handler that keeps such an error over an await makes a future that is not `Send`, of necessity.
        assert_eq!(call(&Runs::new()).await, Ok(3));
    }

    #[tokio::test]
    async fn a_generic_argument_by_mutable_reference_can_be_spawned() {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[timeout("1m")]
        async fn call<T: Extend<u32> + Send>(log: &mut T, runs: &Runs) -> Result<u32, Fault> {
            log.extend([runs.count()]);
            yield_now().await;
            runs.works_at(3)
        }
        let task = tokio::spawn(async {
            let mut log = Vec::new();
            let result = call(&mut log, &Runs::new()).await;
            (result, log)
        });
        assert_eq!(task.await.unwrap(), (Ok(3), vec![0, 1, 2]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_per_call_shares_the_policies() {
        #[retry(max_attempts = 3, base_delay = "10ms", jitter = "none")]
        #[bulkhead(max_concurrent = 1, max_wait = "1s")]
        #[timeout("1m")]
        async fn call(runs: Arc<Runs>) -> Result<u32, Fault> {
            tokio::time::sleep(ms(5)).await;
            runs.works_at(4)
        }
        let runs = Arc::new(Runs::new());
        let tasks: Vec<_> = (0..4).map(|_| tokio::spawn(call(Arc::clone(&runs)))).collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap().unwrap());
        }
        results.sort_unstable();
        assert_eq!(results, [4, 5, 6, 7]);
    }
}

#[tokio::test]
#[retry(max_attempts = 3, base_delay = "0s")]
async fn a_test_attribute_stands_above_a_stack() -> Result<(), Fault> {
    static RUNS: Runs = Runs::new();
    yield_now().await;
    RUNS.works_at(3).map(drop)
}

#[tokio::test]
async fn a_body_that_never_returns_normally_compiles() {
    #[allow(unreachable_code, clippy::diverging_sub_expression)]
    #[retry(max_attempts = 2, base_delay = "0s")]
    async fn call(runs: &Runs) -> Result<u32, Fault> {
        return runs.fail();
    }
    #[fallback(value = 7)]
    #[timeout("1s")]
    async fn unfinished() -> Result<u32, Fault> {
        std::future::pending().await
    }
    let runs = Runs::new();
    assert_eq!(call(&runs).await, Err(Fault::Transient(2)));
    tokio::time::pause();
    assert_eq!(unfinished().await, Ok(7));
}

#[tokio::test]
async fn a_recursive_function_is_protected_at_every_depth() {
    #[retry(max_attempts = 2, base_delay = "0s")]
    async fn call(depth: u32, runs: &Runs) -> Result<u32, Fault> {
        if depth == 0 {
            return runs.fail();
        }
        Box::pin(call(depth - 1, runs)).await
    }
    let runs = Runs::new();
    assert_eq!(call(3, &runs).await, Err(Fault::Transient(16)));
}
