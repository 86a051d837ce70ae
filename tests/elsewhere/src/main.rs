//! What the attributes write is clean under every lint, in another edition, and where the library has another name.

mod ends;

use steadfast::{bulkhead, circuit_breaker, fallback, retry, timeout};

/// What goes wrong.
#[derive(Debug)]
pub enum Failure {
    /// For now.
    Busy,
    /// For good.
    Gone,
    /// By a policy.
    Refused(steadfast::Error),
}

impl From<steadfast::Error> for Failure {
    fn from(error: steadfast::Error) -> Self {
        Self::Refused(error)
    }
}

/// A client.
pub struct Client {
    base: usize,
}

impl Client {
    /// # Errors
    ///
    /// What goes wrong.
    #[fallback(Self::cached, except(Failure::Gone), crate = ::steadfast)]
    #[retry(max_attempts = 2, base_delay = "0s", clone(symbol), on(Failure::Busy))]
    #[circuit_breaker(name = "quotes", failure_rate = 0.5, window = "10s")]
    #[bulkhead(max_concurrent = 2, max_wait = "1s")]
    #[timeout("1s", mode = "cooperative")]
    pub fn quote(&self, symbol: String) -> Result<usize, Failure> {
        if symbol.is_empty() {
            return Err(Failure::Gone);
        }
        let digits = symbol.parse::<usize>().map_err(|_| Failure::Busy)?;
        drop(symbol);
        Ok(digits + self.base)
    }

    fn cached(&self, symbol: String, error: Failure) -> Result<usize, Failure> {
        let length = symbol.len();
        drop(symbol);
        if length == self.base {
            Ok(self.base)
        } else {
            Err(error)
        }
    }

    /// # Errors
    ///
    /// What goes wrong.
    #[steadfast::retry(crate = ::steadfast, when = |error| matches!(error, Failure::Busy))]
    #[steadfast::timeout("1s", crate = ::steadfast)]
    pub async fn later(&self, symbol: &str) -> Result<usize, Failure> {
        symbol.parse().map_err(|_| Failure::Busy)
    }
}

/// # Errors
///
/// What goes wrong.
#[steadfast::retry(max_attempts = 2, base_delay = "0s", crate = ::steadfast)]
#[steadfast::hedge(after = "50ms", budget = "reads", clone(symbol), except(Failure::Gone))]
#[circuit_breaker]
#[timeout("1s")]
pub async fn read(mut symbol: String, depth: usize) -> Result<usize, Failure> {
    symbol.push('1');
    std::future::ready(()).await;
    symbol.parse::<usize>().map(|read| read + depth).map_err(|_| Failure::Busy)
}

/// Whether all is well.
#[steadfast::health_check(crate = ::steadfast, name = "client", timeout = "1s", critical = false)]
#[must_use]
pub const fn is_well() -> bool {
    true
}

#[steadfast::health_check(crate = ::steadfast, timeout = "1s")]
async fn ask() -> Result<(), std::fmt::Error> {
    std::future::ready(()).await;
    Ok(())
}

// In one line, where braces around braces would be unnecessary ones.
#[rustfmt::skip]
#[steadfast::health_check(crate = ::steadfast, timeout = "1s")]
async fn ask_in_a_line() -> bool { std::future::ready(true).await }

fn main() {
    let client = Client { base: 3 };
    assert!(matches!(client.quote("40".to_owned()), Ok(43)));
    assert!(matches!(client.quote("abc".to_owned()), Ok(3)));
    assert!(matches!(client.quote(String::new()), Err(Failure::Gone)));
    assert!(matches!(client.quote("abcd".to_owned()), Err(Failure::Busy)));
    drop(client.later("1"));
    assert!(steadfast::get_circuit_breaker("quotes").is_some());
    assert!(format!("{:?}", steadfast::HealthRegistry::global()).contains("elsewhere::ask"));
}
