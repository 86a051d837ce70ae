//! Every attribute, on functions as a user writes them.

use std::fmt;
use std::time::Duration;

use resilience::{
    Pipeline, RetryPolicy, bulkhead, circuit_breaker, fallback, health_check, hedge, rate_limit, resilient,
    retry, timeout,
};

pub const LATE: Duration = Duration::from_millis(50);
pub const PATIENT: RetryPolicy = RetryPolicy::new().max_attempts(5);

#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    Busy,
    Gone,
    Refused(resilience::Error),
}

impl From<resilience::Error> for Failure {
    fn from(error: resilience::Error) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

pub struct Reply {
    pub price: usize,
}

pub struct Client {
    pub host: String,
}

impl Client {
    pub async fn ask(&self, symbol: &str) -> Result<Reply, Failure> {
        Ok(Reply { price: symbol.len() })
    }

    pub fn ask_now(&self, symbol: &str) -> Result<Reply, Failure> {
        Ok(Reply { price: symbol.len() })
    }

    /// Asks for a quote.
    #[fallback(Self::cached, except(Failure::Gone))]
    #[retry(max_attempts = 2, base_delay = "10ms", jitter = "equal", clone(symbol), on(Failure::Busy))]
    #[circuit_breaker(name = "quotes", failure_rate = 0.5, window = "10s", key = self.host.as_str(), max_keys = 10)]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1s")]
    pub async fn quote(&self, symbol: String) -> Result<usize, Failure> {
        let reply = self.ask(&symbol).await?;
        let price = reply.price;
        drop(symbol);
        Ok(price)
    }

    async fn cached(&self, symbol: String, _error: Failure) -> Result<usize, Failure> {
        Ok(symbol.len())
    }

    #[retry(policy = PATIENT, when = |error| matches!(error, Failure::Busy), rejected(timed_out))]
    #[rate_limit(rate = 10, per = "1s")]
    #[timeout("1s", mode = "cooperative")]
    pub fn quote_now(&self, symbol: &str) -> Result<usize, Failure> {
        let reply = self.ask_now(symbol)?;
        Ok(reply.price)
    }
}

#[hedge(after = LATE, max = 2, budget = "reads", clone(symbol))]
pub async fn read(mut symbol: String, client: &Client) -> Option<usize> {
    symbol.push('x');
    let reply = client.ask(&symbol).await.ok()?;
    Some(reply.price)
}

#[timeout("1s", mode = "detached")]
pub fn slow(symbol: String) -> Result<usize, Failure> {
    Ok(symbol.len())
}

#[resilient(pipeline)]
pub async fn by_pipeline(pipeline: &Pipeline<usize, Failure>, client: &Client) -> Result<usize, Failure> {
    let reply = client.ask("ACME").await?;
    Ok(reply.price)
}

/// Whether all is well.
#[health_check(name = "client", timeout = "1s", critical = false)]
pub async fn is_well() -> Result<(), Failure> {
    Ok(())
}

pub async fn caller(client: &Client) -> Result<usize, Failure> {
    let first = client.quote("ACME".to_owned()).await?;
    let second = client.quote_now("ACME")?;
    let third = read("ACME".to_owned(), client).await.unwrap_or(0);
    Ok(first + second + third)
}
