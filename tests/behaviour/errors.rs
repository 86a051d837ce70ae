//! `resilience::Error`, and how it becomes a function's own.

use std::time::Duration;

use resilience::{
    Bulkhead, BulkheadPolicy, CircuitBreaker, CircuitBreakerPolicy, Error, ErrorKind, FallbackExhausted,
    Name, Pipeline, RetryExhausted, TimeoutPolicy, bulkhead, circuit_breaker, get_bulkhead,
    get_circuit_breaker, retry, timeout, with_timeout,
};

use crate::support::{Fault, ms, named_here, secs};

fn open() -> Error {
    let breaker = CircuitBreaker::new("quotes", CircuitBreakerPolicy::new()).unwrap();
    breaker.force_open();
    breaker.try_acquire().unwrap_err()
}

fn full() -> Error {
    let bulkhead = Bulkhead::new("quotes", BulkheadPolicy::new(1)).unwrap();
    let _slot = bulkhead.try_acquire().unwrap();
    bulkhead.try_acquire().unwrap_err()
}

async fn late() -> Error {
    with_timeout(ms(5), std::future::pending::<()>()).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn each_says_what_it_is_and_who_refused() {
    let (open, full, late) = (open(), full(), late().await);
    assert_eq!(open.kind(), ErrorKind::CircuitOpen);
    assert_eq!(full.kind(), ErrorKind::BulkheadFull);
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    let is = |error: &Error| {
        (error.is_circuit_open(), error.is_bulkhead_full(), error.is_timed_out(), error.is_rate_limited())
    };
    assert_eq!(is(&open), (true, false, false, false));
    assert_eq!(is(&full), (false, true, false, false));
    assert_eq!(is(&late), (false, false, true, false));
    assert_eq!(
        (open.policy_name(), full.policy_name(), late.policy_name()),
        ("quotes", "quotes", "with_timeout")
    );
    assert_eq!(open.to_string(), "circuit breaker `quotes` is open");
    assert_eq!(full.to_string(), "bulkhead `quotes` is full: 1 call is under way");
    assert_eq!(late.to_string(), "`with_timeout` timed out after 5ms");
    for error in [&open, &full, &late] {
        assert_eq!(error.retry_after(), None);
        assert_eq!(&error.clone(), error);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_says_when_to_come_back() {
    let policy = CircuitBreakerPolicy::new().failure_threshold(1).reset_timeout(secs(90));
    let breaker = CircuitBreaker::new("quotes", policy).unwrap();
    breaker.try_acquire().unwrap().failure();
    tokio::time::advance(secs(30)).await;
    let error = breaker.try_acquire().unwrap_err();
    assert_eq!(error.retry_after(), Some(secs(60)));
    assert_eq!(error.to_string(), "circuit breaker `quotes` is open; retry after 60s");
}

#[test]
fn it_is_small_and_goes_anywhere() {
    fn anywhere<T: Clone + Send + Sync + std::error::Error + 'static>() {}
    anywhere::<Error>();
    assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
}

#[tokio::test(start_paused = true)]
async fn it_becomes_an_io_error_of_the_nearest_kind_and_keeps_itself_inside() {
    use std::io;
    let kinds = [
        (late().await, io::ErrorKind::TimedOut),
        (open(), io::ErrorKind::ConnectionRefused),
        (full(), io::ErrorKind::ResourceBusy),
    ];
    for (error, kind) in kinds {
        let converted = io::Error::from(error.clone());
        assert_eq!(converted.kind(), kind);
        assert_eq!(converted.get_ref().and_then(|inner| inner.downcast_ref()), Some(&error));
        assert_eq!(String::from(error.clone()), error.to_string());
    }
}

#[test]
fn every_supplied_conversion_works_on_a_function() {
    #[circuit_breaker(name = "conversions")]
    fn with_io() -> std::io::Result<u32> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_text() -> Result<u32, String> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_box() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_anyhow() -> anyhow::Result<u32> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_itself() -> Result<u32, Error> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_from() -> Result<u32, Fault> {
        Ok(1)
    }
    #[circuit_breaker(name = "conversions")]
    fn with_option() -> Option<u32> {
        Some(1)
    }
    get_circuit_breaker("conversions").unwrap().force_open();
    let text = "circuit breaker `conversions` is open";
    assert_eq!(with_io().unwrap_err().to_string(), text);
    assert_eq!(with_text().unwrap_err(), text);
    assert!(with_box().unwrap_err().downcast_ref::<Error>().unwrap().is_circuit_open());
    assert!(with_anyhow().unwrap_err().downcast_ref::<Error>().unwrap().is_circuit_open());
    assert!(with_itself().unwrap_err().is_circuit_open());
    assert_eq!(with_from().unwrap_err().to_string(), text);
    assert_eq!(with_option(), None);
}

#[tokio::test(start_paused = true)]
async fn map_err_of_each_attribute_converts_the_rejections_of_its_kind() {
    #[derive(Debug, PartialEq)]
    enum Mapped {
        Open(String),
        Full(u32),
        Late(Duration),
        Own,
    }
    fn opened(error: Error) -> Mapped {
        Mapped::Open(error.policy_name().to_owned())
    }
    #[circuit_breaker(name = "map_err: all", map_err = opened)]
    #[bulkhead(name = "map_err: all", max_concurrent = 3, map_err = |error| match error {
        Error::BulkheadFull { max_concurrent, .. } => Mapped::Full(max_concurrent),
        other => unreachable!("{other}"),
    })]
    #[timeout("10ms", map_err = |error| match error {
        Error::TimedOut { limit, .. } => Mapped::Late(limit),
        other => unreachable!("{other}"),
    })]
    async fn call(hang: bool) -> Result<u32, Mapped> {
        if hang { std::future::pending().await } else { Err(Mapped::Own) }
    }
    assert_eq!(call(false).await, Err(Mapped::Own));
    assert_eq!(call(true).await, Err(Mapped::Late(ms(10))));
    let bulkhead = get_bulkhead("map_err: all").unwrap();
    let slots: Vec<_> = (0..3).map(|_| bulkhead.try_acquire().unwrap()).collect();
    assert_eq!(call(false).await, Err(Mapped::Full(3)));
    drop(slots);
    get_circuit_breaker("map_err: all").unwrap().force_open();
    assert_eq!(call(false).await, Err(Mapped::Open("map_err: all".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn map_err_on_one_attribute_leaves_the_others_to_from() {
    #[retry(max_attempts = 1)]
    #[circuit_breaker(name = "map_err: one")]
    #[timeout("10ms", map_err = |_| Fault::Fatal)]
    async fn call() -> Result<u32, Fault> {
        std::future::pending().await
    }
    assert_eq!(call().await, Err(Fault::Fatal));
    get_circuit_breaker("map_err: one").unwrap().force_open();
    assert!(call().await.unwrap_err().refusal().is_circuit_open());
}

#[tokio::test(start_paused = true)]
async fn policies_without_a_name_are_named_after_their_function() {
    #[circuit_breaker(failure_threshold = 1)]
    #[bulkhead(max_concurrent = 1)]
    #[timeout("10ms")]
    async fn unnamed() -> Result<u32, Error> {
        std::future::pending().await
    }
    let name = "behaviour::errors::unnamed";
    assert_eq!(named_here!(unnamed), name);
    let slot = get_bulkhead(name).unwrap().try_acquire().unwrap();
    assert_eq!(
        unnamed().await.unwrap_err().to_string(),
        format!("bulkhead `{name}` is full: 1 call is under way")
    );
    drop(slot);
    assert_eq!(unnamed().await.unwrap_err().to_string(), format!("`{name}` timed out after 10ms"));
    let error = unnamed().await.unwrap_err();
    assert_eq!(error.to_string(), format!("circuit breaker `{name}` is open; retry after 30s"));
}

#[test]
fn names_compare_and_print_as_text() {
    let (fixed, made) = (Name::from("quotes"), Name::from("quo".to_owned() + "tes"));
    assert_eq!(fixed, made);
    assert_eq!(made, "quotes");
    assert_eq!(
        (fixed.len(), made.to_string(), format!("{made:?}")),
        (6, "quotes".to_owned(), "\"quotes\"".to_owned())
    );
    assert!(std::collections::HashSet::from([fixed]).contains("quotes"));
}

#[test]
fn a_chain_of_errors_says_everything_once() {
    // Each reporter prints an error, then its sources.
    fn chain(error: impl std::error::Error + Send + Sync + 'static) -> String {
        format!("{:#}", anyhow::Error::new(error))
    }
    let retries = RetryExhausted { attempts: 3, elapsed: ms(33), last: Fault::Fatal };
    assert_eq!(chain(retries.clone()), "failed after 3 attempts in 33ms: fatal fault");
    let fallbacks = FallbackExhausted { tried: 2, last: retries, earlier: Vec::new() };
    let all = "all of 2 fallbacks failed too: failed after 3 attempts in 33ms: fatal fault";
    assert_eq!(chain(fallbacks), all);
    let built = Pipeline::<(), Fault>::builder().timeout(TimeoutPolicy::new(ms(0))).build();
    let settings = built.unwrap_err();
    assert_eq!(chain(settings.clone()), settings.to_string());
    assert_eq!(chain(std::io::Error::from(open())), "circuit breaker `quotes` is open");
}
