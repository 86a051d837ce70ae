//! An axum service in front of an unreliable upstream: a handler with the whole stack, and a health page that
//! shows every circuit breaker of the program.
//!
//! ```text
//! cargo run --example axum_service            # makes a few requests to itself, and ends
//! cargo run --example axum_service -- serve   # serves until stopped
//! ```

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use resilience::{HealthRegistry, bulkhead, circuit_breaker, retry, timeout};

#[derive(Debug, thiserror::Error)]
enum ApiError {
    #[error("the upstream failed")]
    Upstream,
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

/// What a caller of the service gets to see of a failure.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Upstream => StatusCode::BAD_GATEWAY,
            Self::Rejected(rejection) if rejection.is_timed_out() => StatusCode::GATEWAY_TIMEOUT,
            Self::Rejected(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, self.retry_after(), self.to_string()).into_response()
    }
}

impl ApiError {
    /// An open circuit knows when a new call has a chance.
    fn retry_after(&self) -> Option<[(HeaderName, String); 1]> {
        match self {
            Self::Rejected(rejection) => {
                let seconds = rejection.retry_after()?.as_secs() + 1;
                Some([(header::RETRY_AFTER, seconds.to_string())])
            }
            Self::Upstream => None,
        }
    }
}

// The handler is an ordinary function, so the attributes go right on it.
#[retry(max_attempts = 2, base_delay = "20ms")]
#[circuit_breaker(name = "upstream", failure_threshold = 3, reset_timeout = "10s")]
#[bulkhead(max_concurrent = 64)]
#[timeout("200ms")]
async fn greeting(Path(name): Path<String>) -> Result<String, ApiError> {
    let word = upstream().await?;
    Ok(format!("{word}, {name}"))
}

/// All circuits, and what functions with `#[health_check]` say, of which this program has none. An open circuit is no
/// reason to call the service unhealthy: taking it down would not bring the upstream back.
async fn health() -> Response {
    let report = HealthRegistry::global().run_all().await;
    let status = StatusCode::from_u16(report.status.http_status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    (status, Json(&*report)).into_response()
}

// ---------------------------------------------------------------- a stand-in for the upstream

static UPSTREAM_IS_UP: AtomicBool = AtomicBool::new(true);

async fn upstream() -> Result<&'static str, ApiError> {
    tokio::time::sleep(Duration::from_millis(5)).await;
    if UPSTREAM_IS_UP.load(Ordering::Relaxed) { Ok("Hello") } else { Err(ApiError::Upstream) }
}

async fn set_upstream(Path(state): Path<String>) {
    UPSTREAM_IS_UP.store(state == "up", Ordering::Relaxed);
}

// ------------------------------------------------------------------------------------- run it

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Router::new()
        .route("/greeting/{name}", get(greeting))
        .route("/health", get(health))
        .route("/upstream/{state}", put(set_upstream));

    if std::env::args().any(|argument| argument == "serve") {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
        println!("http://{}/greeting/you, and /health", listener.local_addr()?);
        return Ok(axum::serve(listener, service).await?);
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, service).await });

    let client = reqwest::Client::new();
    show(&client, &address, "/greeting/Ada").await?;
    show(&client, &address, "/health").await?;

    println!("\nthe upstream goes down");
    client.put(format!("{address}/upstream/down")).send().await?;
    for _ in 0..3 {
        show(&client, &address, "/greeting/Ada").await?;
    }
    show(&client, &address, "/health").await?;
    Ok(())
}

async fn show(client: &reqwest::Client, address: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let response = client.get(format!("{address}{path}")).send().await?;
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    println!("GET {path}: {status} {}", response.text().await?);
    if let Some(seconds) = retry_after {
        println!("    Retry-After: {}", seconds.to_str()?);
    }
    Ok(())
}
