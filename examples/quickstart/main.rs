//! An annotated function against a real HTTP service that breaks, recovers, slows down and recovers again.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! The service listens on a free port of 127.0.0.1 and lives in this process. The function that calls it is [`quote`]:
//! what makes it resilient is all above its signature.

mod report;
mod service;

use std::sync::Arc;

use resilience::{
    BulkheadEvent, CircuitBreakerEvent, RetryEvent, bulkhead, circuit_breaker, fallback, retry, timeout,
};
use tokio::task::JoinSet;

use report::{Answer, Report, say};
use service::Health;

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
    #[error("the exchange answered {0}")]
    Broken(reqwest::StatusCode),
    #[error("the exchange can't be reached")]
    Unreachable(#[from] reqwest::Error),
    // This line lets the policies answer in place of the function.
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

/// A price, and whether it is the exchange's own or the last known one.
struct Quote {
    price: f64,
    is_fresh: bool,
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
async fn quote(exchange: &Exchange, symbol: &str) -> Result<Quote, QuoteError> {
    let url = format!("{}/quotes/{symbol}", exchange.address);
    let response = exchange.http.get(url).send().await?;
    match response.status() {
        reqwest::StatusCode::OK => Ok(Quote { price: response.json().await?, is_fresh: true }),
        reqwest::StatusCode::NOT_FOUND => Err(QuoteError::UnknownSymbol(symbol.to_owned())),
        status => Err(QuoteError::Broken(status)),
    }
}

/// The fallback takes the same arguments, and the error last.
async fn last_known_price(_: &Exchange, _: &str, error: QuoteError) -> Result<Quote, QuoteError> {
    say("fallback", format!("gives the last known price, because {error}"));
    Ok(Quote { price: 100.0, is_fresh: false })
}

fn report_retry(event: &RetryEvent<'_, QuoteError>) {
    let reason = match (event.error(), event.rejection()) {
        (Some(error), _) => error.to_string(),
        (None, Some(rejection)) => rejection.to_string(),
        (None, None) => "no reason given".to_owned(),
    };
    say(
        "retry",
        format!("attempt {} failed: {reason}; the next one in {:.0?}", event.attempt(), event.delay()),
    );
}

// ------------------------------------------------------------------------------ the scenario

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exchange = Exchange { address: service::start().await?, http: reqwest::Client::new() };
    println!("An exchange listens on {}. This function asks it for prices:\n", exchange.address);
    println!("{}", resilience::catalog());

    let breaker = resilience::get_circuit_breaker("exchange").expect("`quote` declares it");
    let bulkhead = resilience::get_bulkhead("exchange").expect("`quote` declares it");
    let _transitions = breaker.subscribe(|event| {
        if let CircuitBreakerEvent::StateChanged { change, .. } = event {
            say("breaker", format!("{} -> {}: {}", change.from, change.to, change.cause));
        }
    });
    let _waits = bulkhead.subscribe(|event| match event {
        BulkheadEvent::Admitted { waited, .. } if !waited.is_zero() => {
            say("bulkhead", format!("gives it a slot after {waited:.0?}"));
        }
        _ => {}
    });
    let report = Arc::new(Report::default());
    let end_scene = || {
        let rejected = breaker.metrics().rejected + bulkhead.metrics().rejected;
        report.end_scene(service::requests(), rejected);
    };
    let wait_until_half_open = async || {
        let wait = breaker.time_until_reset().unwrap_or_default();
        say("main", format!("waits {wait:.0?}: then the circuit is half-open"));
        tokio::time::sleep(wait).await;
    };

    report.begin_scene("The exchange is healthy");
    ask(&report, &exchange, "ACME").await;
    ask(&report, &exchange, "NOPE").await;
    end_scene();

    report.begin_scene("It answers with errors");
    service::set_health(Health::Broken);
    for _ in 0..3 {
        ask(&report, &exchange, "ACME").await;
    }
    end_scene();

    report.begin_scene("It has recovered");
    service::set_health(Health::Well);
    wait_until_half_open().await;
    for _ in 0..2 {
        ask(&report, &exchange, "ACME").await;
    }
    end_scene();

    report.begin_scene("It answers too late");
    service::set_health(Health::Slow);
    for _ in 0..2 {
        ask(&report, &exchange, "ACME").await;
    }
    end_scene();

    report.begin_scene("It has recovered again");
    service::set_health(Health::Well);
    wait_until_half_open().await;
    for _ in 0..2 {
        ask(&report, &exchange, "ACME").await;
    }
    end_scene();

    report.begin_scene("Sixteen calls at once, four slots");
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let (report, exchange) = (Arc::clone(&report), exchange.clone());
        callers.spawn(async move { call(&report, &exchange, "ACME").await });
    }
    callers.join_all().await;
    end_scene();

    report.print_table();
    println!(
        "\n  requests: received by the exchange; rejected: attempts that the circuit or the bulkhead kept from it"
    );
    Ok(())
}

/// Makes a call, below a line that separates it from the one before.
async fn ask(report: &Report, exchange: &Exchange, symbol: &str) {
    println!("{:-<88}", format!("-- {symbol} "));
    call(report, exchange, symbol).await;
}

async fn call(report: &Report, exchange: &Exchange, symbol: &str) {
    report
        .call(async || match quote(exchange, symbol).await {
            Ok(Quote { price, is_fresh: true }) => Answer::Fresh(price),
            Ok(Quote { price, is_fresh: false }) => Answer::Stale(price),
            Err(error) => Answer::Failed(error.to_string()),
        })
        .await;
}
