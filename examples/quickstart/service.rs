//! The exchange: an HTTP service whose health the scenario sets.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

#[derive(Clone, Copy)]
pub enum Health {
    Well,
    Broken,
    Slow,
}

static HEALTH: Mutex<Health> = Mutex::new(Health::Well);
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

pub fn set_health(health: Health) {
    *HEALTH.lock().unwrap() = health;
}

/// Returns the number of requests received.
pub fn requests() -> usize {
    REQUESTS.load(Ordering::Relaxed)
}

/// Starts the exchange on a free port and returns its address.
pub async fn start() -> std::io::Result<String> {
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
