//! All policies on one function: how they nest, and what each of them sees.
//!
//! ```text
//! cargo run --example composed
//! ```

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

/// A forecast service that answers as the script says, one entry a call.
struct Weather {
    script: &'static [Answer],
    calls: AtomicU32,
}

#[derive(Clone, Copy)]
enum Answer {
    Sunny,
    Error,
    Silence,
}

impl Weather {
    // The top attribute is the outermost. Read it as a sentence:
    #[fallback(Self::yesterday)] // answer with yesterday's forecast if all of this fails:
    #[timeout("2s")] // within two seconds, waits included,
    #[retry(max_attempts = 3, base_delay = "10ms")] // try up to three times,
    #[circuit_breaker(name = "weather", failure_threshold = 4)] // unless the service is known to be down,
    #[bulkhead(max_concurrent = 8, max_wait = "100ms")] // with no more than eight calls at once,
    #[timeout("50ms")] // each of which may take 50 ms.
    async fn forecast(&self, city: &str) -> anyhow::Result<String> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) as usize;
        match self.script.get(call).copied().unwrap_or(Answer::Error) {
            Answer::Sunny => Ok(format!("sunny in {city}")),
            Answer::Error => anyhow::bail!("internal error"),
            Answer::Silence => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                unreachable!("the timeout drops this future");
            }
        }
    }

    // An ordinary method, async as the one that it answers for.
    #[allow(clippy::unused_async)]
    async fn yesterday(&self, city: &str, error: anyhow::Error) -> anyhow::Result<String> {
        // `anyhow` keeps a policy's rejection as it was.
        match error.downcast_ref::<resilience::Error>() {
            Some(rejection) => Ok(format!("as yesterday in {city} ({}: {rejection})", rejection.kind())),
            None => Ok(format!("as yesterday in {city} (the service said: {error})")),
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let weather = Weather {
        script: &[
            Answer::Sunny, // first forecast: at once
            Answer::Error,
            Answer::Silence,
            Answer::Sunny, // second: the third attempt makes it
            Answer::Error,
            Answer::Error,
            Answer::Error, // third: three errors, so the fallback; the fourth call finds only errors
        ],
        calls: AtomicU32::new(0),
    };

    for day in 1..=5 {
        let before = weather.calls.load(Ordering::Relaxed);
        let forecast = weather.forecast("Lisbon").await?;
        let calls = weather.calls.load(Ordering::Relaxed) - before;
        println!("day {day}: {forecast}; calls: {calls}");
    }

    let breaker = resilience::get_circuit_breaker("weather").expect("declared above");
    println!("the circuit is {} after {} failures", breaker.state(), breaker.metrics().failure);
    Ok(())
}
