//! Functions that carry attributes of other libraries too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::State;
use resilience::{circuit_breaker, retry, timeout};
use tokio::task::yield_now;

/// Succeeds at the third attempt.
#[derive(Debug, Default)]
struct Service {
    attempts: AtomicU32,
}

impl Service {
    fn answer(&self) -> Result<u32, String> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst) + 1;
        if attempt == 3 { Ok(attempt) } else { Err(format!("attempt {attempt} failed")) }
    }

    fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::SeqCst)
    }
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

/// Counts the spans that are made.
#[derive(Clone, Default)]
struct Spans(Arc<AtomicU32>);

impl tracing::Subscriber for Spans {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::Id {
        tracing::Id::from_u64(u64::from(self.0.fetch_add(1, Ordering::SeqCst)) + 1)
    }

    fn record(&self, _: &tracing::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::Id, _: &tracing::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &tracing::Id) {}

    fn exit(&self, _: &tracing::Id) {}
}

/// Returns the number of spans that a call makes.
async fn spans(call: impl AsyncFnOnce()) -> u32 {
    let spans = Spans::default();
    let _subscriber = tracing::subscriber::set_default(spans.clone());
    call().await;
    spans.0.load(Ordering::SeqCst)
}

// The compiler expands attributes from the top. One above `#[retry]` becomes part of the body, and one below wraps the
// function that `#[retry]` writes.
#[tokio::test]
async fn instrument_below_a_retry_makes_one_span_for_the_call() {
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[circuit_breaker]
    #[timeout("1h")]
    #[tracing::instrument(skip(service))]
    async fn ask(number: u32, service: &Service) -> Result<u32, String> {
        yield_now().await;
        service.answer().map(|answer| answer + number)
    }
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[tracing::instrument(err, skip(service))]
    fn ask_sync(number: u32, service: &Service) -> Result<u32, String> {
        service.answer().map(|answer| answer + number)
    }
    let (service, for_sync) = (Service::default(), Service::default());
    assert_eq!(spans(async || assert_eq!(assert_send(ask(4, &service)).await, Ok(7))).await, 1);
    assert_eq!(spans(async || assert_eq!(ask_sync(4, &for_sync), Ok(7))).await, 1);
    assert_eq!((service.attempts(), for_sync.attempts()), (3, 3));
}

#[tokio::test]
async fn instrument_above_a_retry_makes_a_span_for_each_attempt() {
    #[tracing::instrument(skip_all)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    #[timeout("1h")]
    async fn ask(service: &Service) -> Result<u32, String> {
        yield_now().await;
        service.answer()
    }
    #[tracing::instrument(skip_all)]
    #[retry(max_attempts = 3, base_delay = "0s")]
    fn ask_sync(service: &Service) -> Result<u32, String> {
        service.answer()
    }
    let (service, for_sync) = (Service::default(), Service::default());
    assert_eq!(spans(async || assert_eq!(assert_send(ask(&service)).await, Ok(3))).await, 3);
    assert_eq!(spans(async || assert_eq!(ask_sync(&for_sync), Ok(3))).await, 3);
    assert_eq!((service.attempts(), for_sync.attempts()), (3, 3));
}

#[tokio::test]
async fn instrument_with_err_or_ret_below_a_retry_builds_in_every_kind_of_function() {
    use std::pin::Pin;

    #[async_trait::async_trait]
    trait Ask {
        async fn with_err(&self, number: u32) -> Result<u32, String>;
        async fn with_ret(&self, number: u32) -> Result<u32, String>;
    }

    #[async_trait::async_trait]
    impl Ask for Service {
        #[retry(max_attempts = 3, base_delay = "0s")]
        #[tracing::instrument(skip(self), err)]
        async fn with_err(&self, number: u32) -> Result<u32, String> {
            self.answer().map(|answer| answer + number)
        }

        #[retry(max_attempts = 3, base_delay = "0s")]
        #[circuit_breaker]
        #[tracing::instrument(skip(self), ret, err(Debug))]
        async fn with_ret(&self, number: u32) -> Result<u32, String> {
            self.answer().map(|answer| answer + number)
        }
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    #[tracing::instrument(skip(service), ret, err)]
    fn boxed(service: &Service) -> Pin<Box<dyn Future<Output = Result<u32, String>> + Send + '_>> {
        Box::pin(async move { service.answer() })
    }

    #[retry(max_attempts = 3, base_delay = "0s")]
    #[tracing::instrument(skip(service), ret, err)]
    async fn plain(service: &Service) -> Result<u32, String> {
        service.answer()
    }

    let service = Service::default();
    assert_eq!(service.with_err(4).await, Ok(7));
    assert_eq!(service.with_ret(4).await.unwrap_err(), "attempt 6 failed");
    assert_eq!(service.attempts(), 6);
    let (for_boxed, for_plain) = (Service::default(), Service::default());
    assert_eq!((boxed(&for_boxed).await, plain(&for_plain).await), (Ok(3), Ok(3)));
}

#[tokio::test]
async fn debug_handler_above_a_retry_accepts_the_function() {
    #[axum::debug_handler]
    #[retry(max_attempts = 3, base_delay = "0s", clone(service))]
    #[timeout("1h")]
    async fn handler(State(service): State<Arc<Service>>) -> Result<String, String> {
        yield_now().await;
        service.answer().map(|answer| answer.to_string())
    }
    let service = Arc::new(Service::default());
    assert_eq!(handler(State(Arc::clone(&service))).await, Ok("3".to_owned()));
    assert_eq!(service.attempts(), 3);
}
