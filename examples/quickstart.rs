//! Annotated functions against a real HTTP service whose health goes down and up again.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! The service listens on a free port of 127.0.0.1 and lives in this process. The function that
//! calls it is [`quote`]: everything above its signature is all that makes it resilient.

use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use resilience::{CircuitBreaker, RetryEvent, bulkhead, circuit_breaker, fallback, retry, timeout};
use tokio::task::JoinSet;

// ------------------------------------------------------------------------------- the client

/// The exchange, as this program sees it.
#[derive(Clone)]
struct Exchange {
    address: String,
    http: reqwest::Client,
}

#[derive(Debug, thiserror::Error)]
enum QuoteError {
    #[error("the exchange has no {0}")]
    UnknownSymbol(String),
    #[error("the exchange is broken ({0})")]
    Broken(StatusCode),
    #[error("the exchange can't be reached")]
    Unreachable(#[from] reqwest::Error),
    // This line lets the policies answer in place of the function.
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

#[fallback(last_known_price, except(QuoteError::UnknownSymbol(_)))]
#[retry(
    max_attempts = 3,
    base_delay = "40ms",
    jitter = "equal",
    except(QuoteError::UnknownSymbol(_)),
    on_retry = report_retry,
)]
#[circuit_breaker(
    name = "exchange",
    failure_threshold = 5,
    reset_timeout = "400ms",
    half_open_max_calls = 2,
    except(QuoteError::UnknownSymbol(_))
)]
#[bulkhead(name = "exchange", max_concurrent = 4, max_wait = "60ms")]
#[timeout("100ms")]
async fn quote(exchange: &Exchange, symbol: &str) -> Result<f64, QuoteError> {
    let url = format!("{}/quotes/{symbol}", exchange.address);
    let response = exchange.http.get(url).send().await?;
    match response.status() {
        StatusCode::OK => Ok(response.json().await?),
        StatusCode::NOT_FOUND => Err(QuoteError::UnknownSymbol(symbol.to_owned())),
        status => Err(QuoteError::Broken(status)),
    }
}

/// The fallback: the same arguments, and the error if it wants it.
async fn last_known_price(_: &Exchange, symbol: &str, error: QuoteError) -> Result<f64, QuoteError> {
    say("fallback", format!("{symbol}: last known price, because {error}"));
    Ok(100.0)
}

fn report_retry(event: &RetryEvent<'_, QuoteError>) {
    let reason = match (event.error(), event.rejection()) {
        (Some(error), _) => error.to_string(),
        (None, Some(rejection)) => rejection.to_string(),
        (None, None) => "no reason given".to_owned(),
    };
    say("retry", format!("attempt {} failed: {reason}; again in {:.0?}", event.attempt(), event.delay()));
}

// ------------------------------------------------------------------------------ the scenario

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    LazyLock::force(&START);
    let exchange = Exchange { address: start_service().await?, http: reqwest::Client::new() };

    heading("The exchange is well");
    ask(&exchange, "ACME").await;
    ask(&exchange, "NOPE").await;

    heading("It answers every request with an error");
    set_health(Health::Broken);
    ask(&exchange, "ACME").await;
    ask(&exchange, "ACME").await;
    ask(&exchange, "ACME").await;

    heading("It recovers, and the breaker finds out by itself");
    set_health(Health::Well);
    wait_for_half_open().await;
    ask(&exchange, "ACME").await;
    ask(&exchange, "ACME").await;

    heading("It answers, but too late");
    set_health(Health::Slow);
    ask(&exchange, "ACME").await;
    ask(&exchange, "ACME").await;

    heading("It recovers again");
    set_health(Health::Well);
    wait_for_half_open().await;
    ask(&exchange, "ACME").await;
    ask(&exchange, "ACME").await;

    heading("Sixteen callers at once: four run, some wait, some come back later");
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let exchange = exchange.clone();
        callers.spawn(async move { quote(&exchange, "ACME").await });
    }
    let answers = callers.join_all().await;
    say("caller", format!("{} of {} have a price", answers.iter().flatten().count(), answers.len()));

    heading("Every annotated function of this program");
    println!("{}", resilience::catalog());
    print_breaker();
    Ok(())
}

async fn ask(exchange: &Exchange, symbol: &str) {
    let requests_before = REQUESTS.load(Ordering::Relaxed);
    let answer = quote(exchange, symbol).await;
    let requests = REQUESTS.load(Ordering::Relaxed) - requests_before;
    match answer {
        Ok(price) => say("caller", format!("{symbol} costs {price}; requests: {requests}")),
        Err(error) => say("caller", format!("no price, {error}; requests: {requests}")),
    }
}

/// Time alone takes an open circuit to half-open; `state()` says so without any traffic.
async fn wait_for_half_open() {
    if let Some(wait) = breaker().time_until_reset() {
        say("caller", format!("waits {wait:.0?} for the circuit"));
        tokio::time::sleep(wait).await;
    }
    say("breaker", format!("is {}", breaker().state()));
}

fn breaker() -> CircuitBreaker {
    resilience::get_circuit_breaker("exchange").expect("`quote` declares it")
}

// ------------------------------------------------------------------------------- the service

#[derive(Clone, Copy)]
enum Health {
    Well,
    Broken,
    Slow,
}

static HEALTH: Mutex<Health> = Mutex::new(Health::Well);
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

fn set_health(health: Health) {
    *HEALTH.lock().unwrap() = health;
}

/// Starts the exchange on a free port and returns its address.
async fn start_service() -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let service = Router::new().route("/quotes/{symbol}", get(price));
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(address)
}

async fn price(Path(symbol): Path<String>) -> Result<Json<f64>, StatusCode> {
    REQUESTS.fetch_add(1, Ordering::Relaxed);
    let health = *HEALTH.lock().unwrap();
    match health {
        Health::Well => tokio::time::sleep(Duration::from_millis(25)).await,
        Health::Broken => return Err(StatusCode::SERVICE_UNAVAILABLE),
        Health::Slow => tokio::time::sleep(Duration::from_millis(500)).await,
    }
    if symbol == "ACME" { Ok(Json(101.5)) } else { Err(StatusCode::NOT_FOUND) }
}

// ------------------------------------------------------------------------------ the timeline

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn heading(title: &str) {
    println!("\n{title}");
}

/// One line: milliseconds since the start, who speaks, and what happened.
fn say(who: &str, what: impl Display) {
    report_transitions();
    print_line(START.elapsed(), who, what);
}

fn print_line(at: Duration, who: &str, what: impl Display) {
    println!("{:>6} ms  {who:<9} {what}", at.as_millis());
}

/// The breaker remembers its latest changes of state, each with its time and cause.
fn report_transitions() {
    static REPORTED: Mutex<usize> = Mutex::new(0);
    let mut reported = REPORTED.lock().unwrap();
    for change in breaker().metrics().state_changes.iter().skip(*reported) {
        let what = format!("{} -> {}: {}", change.from, change.to, change.cause);
        print_line(change.time.duration_since(*START), "breaker", what);
        *reported += 1;
    }
}

fn print_breaker() {
    let breaker = breaker();
    let metrics = breaker.metrics();
    heading(&format!("The circuit breaker `{}`", breaker.name()));
    println!("  {:<10} {}", "state", breaker.state());
    println!("  {:<10} {}", "success", metrics.success);
    println!("  {:<10} {}", "failure", metrics.failure);
    println!("  {:<10} {}", "rejected", metrics.rejected);
    println!("  {:<10} {}", "ignored", metrics.ignored);
    println!("  {:<10} {}", "changes", metrics.state_changes.len());
}
