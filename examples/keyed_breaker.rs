//! `#[circuit_breaker(key = …)]`: one breaker for each host, so that one that is down doesn't close the others off.
//!
//! ```text
//! cargo run --example keyed_breaker
//! ```

use std::time::Duration;

use resilience::{CircuitBreakerEvent, circuit_breaker, get_circuit_breaker_for, get_circuit_breakers};

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the host is down; come back in {0:?}")]
    Down(Duration),
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

impl FetchError {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Down(after) => Some(*after),
            Self::Rejected(_) => None,
        }
    }
}

struct Client {
    host: String,
}

impl Client {
    fn of(host: &str) -> Self {
        Self { host: host.to_owned() }
    }

    // Half of a host's last 20 calls failed: it is left alone for as long as it asks for, or for 100 ms, then 200 ms,
    // up to 10 s. Of a thousand hosts the unused ones make room for new ones.
    #[circuit_breaker(
        name = "hosts",
        key = self.host,
        max_keys = 1_000,
        failure_rate = 0.5,
        window = 20,
        min_calls = 4,
        reset_timeout = "100ms",
        reset_multiplier = 2.0,
        max_reset_timeout = "10s",
        retry_after = FetchError::retry_after,
    )]
    fn fetch(&self, path: &str) -> Result<String, FetchError> {
        if self.host.starts_with("down") {
            return Err(FetchError::Down(Duration::from_secs(2)));
        }
        Ok(format!("{}{path}", self.host))
    }
}

fn main() -> Result<(), FetchError> {
    let (up, down) = (Client::of("up.example"), Client::of("down.example"));
    up.fetch("/")?;
    println!("{:?}", down.fetch("/"));

    // Each key has a breaker with all that a breaker has. It is there once a call has used the key.
    let breaker = get_circuit_breaker_for("hosts", "down.example").expect("called above");
    let _subscription = breaker.subscribe(|event| match event {
        CircuitBreakerEvent::StateChanged { name, change, .. } => {
            println!("  {name}: {} to {}, {}", change.from, change.to, change.cause);
        }
        event => println!("  {event:?}"),
    });
    for _ in 0..4 {
        println!("{:?}", down.fetch("/"));
    }
    println!("{:?}", up.fetch("/"));

    println!("All hosts:");
    for breaker in get_circuit_breakers("hosts") {
        let metrics = breaker.metrics();
        println!(
            "  {}: {}, {:?} of {}",
            breaker.name(),
            breaker.state(),
            metrics.failure_rate,
            metrics.window_calls
        );
    }
    Ok(())
}
