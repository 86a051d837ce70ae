//! A service that says how it is: `/health` for people, `/health/live` and `/health/ready` for whoever runs it. It is
//! asked while a part of it breaks and another one is slow, and ends.
//!
//! ```text
//! cargo run --example health            # asks itself, and ends
//! cargo run --example health -- serve   # serves until stopped
//! ```

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use resilience::health::Health;
use resilience::{HealthRegistry, circuit_breaker, health_check};

static DATABASE_IS_UP: AtomicBool = AtomicBool::new(true);
static CACHE_IS_FAST: AtomicBool = AtomicBool::new(true);

/// Nothing works without the database.
#[health_check(name = "database", timeout = "1s")]
async fn database() -> Result<Health, &'static str> {
    if DATABASE_IS_UP.load(Ordering::Relaxed) {
        Ok(Health::healthy().detail("connections", 7))
    } else {
        Err("connection refused")
    }
}

/// Without the cache everything is slower, and works.
#[health_check(name = "cache", timeout = "50ms", critical = false)]
async fn cache() {
    if !CACHE_IS_FAST.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}

/// A sync check has a thread of its own.
#[health_check(name = "disk", timeout = "1s")]
fn disk() -> std::io::Result<()> {
    std::fs::metadata(".").map(drop)
}

/// The report shows the breaker. That it is open says something of the mail server, and nothing against this process.
#[circuit_breaker(name = "mail", failure_threshold = 1)]
fn send() -> Result<(), resilience::Error> {
    Ok(())
}

/// All that there is to say. The status is for those who read nothing else.
async fn health(registry: HealthRegistry) -> Response {
    let report = registry.run_all().await;
    let status = StatusCode::from_u16(report.status.http_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(&*report)).into_response()
}

/// The process answers, which is all that a restart could mend: no check is run.
async fn live() -> &'static str {
    "live"
}

/// Whether to send requests here.
async fn ready(registry: HealthRegistry) -> (StatusCode, &'static str) {
    if registry.run_all().await.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

/// `cache_for`: how long a report answers for those who ask again. Zero asks the checks each time.
fn service(cache_for: Duration) -> Router {
    let registry =
        HealthRegistry::builder().version(env!("CARGO_PKG_VERSION")).cache_for(cache_for).collected().build();
    let of_ready = registry.clone();
    Router::new()
        .route("/health", get(move || health(registry.clone())))
        .route("/health/live", get(live))
        .route("/health/ready", get(move || ready(of_ready.clone())))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    send()?;
    if std::env::args().any(|argument| argument == "serve") {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
        println!("http://{}/health", listener.local_addr()?);
        return Ok(axum::serve(listener, service(Duration::from_secs(1))).await?);
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, service(Duration::ZERO)).await });

    println!("all is well");
    show(&address).await?;

    println!("\nthe cache hangs, and the mail server is down");
    CACHE_IS_FAST.store(false, Ordering::Relaxed);
    if let Some(mail) = resilience::get_circuit_breaker("mail") {
        mail.force_open();
    }
    show(&address).await?;

    println!("\nthe database is down as well");
    DATABASE_IS_UP.store(false, Ordering::Relaxed);
    show(&address).await
}

async fn show(address: &str) -> Result<(), Box<dyn Error>> {
    for path in ["/health", "/health/live", "/health/ready"] {
        let response = reqwest::get(format!("{address}{path}")).await?;
        println!("GET {path}: {} {}", response.status(), response.text().await?);
    }
    Ok(())
}
