#![deny(warnings, missing_docs, unused, unreachable_pub, rust_2018_idioms)]
#![forbid(unsafe_code)]
//! Not one warning comes from generated code.

use resilience::{bulkhead, circuit_breaker, fallback, hedge, retry, timeout};

#[allow(dead_code)]
#[derive(Debug)]
enum E {
    Busy,
    Lost,
    Policy(resilience::Error),
}

impl From<resilience::Error> for E {
    fn from(rejection: resilience::Error) -> Self {
        Self::Policy(rejection)
    }
}

#[fallback(cached, except(E::Lost))]
#[timeout("5s")]
#[retry(max_attempts = 2, base_delay = "0s", on(E::Busy | E::Policy(_)))]
#[circuit_breaker]
#[bulkhead(max_concurrent = 2)]
#[timeout("1s")]
async fn quote(symbol: &str, _unused: u32) -> Result<u32, E> {
    if symbol.is_empty() {
        return Err(E::Busy);
    }
    Ok(1)
}

async fn cached(_symbol: &str, _unused: u32) -> Result<u32, E> {
    Err(E::Lost)
}

#[retry]
async fn brief() -> Result<u32, E> {
    Ok(1)
}

#[retry(max_attempts = 2, clone(symbol))]
#[hedge(after = "50ms", max = 2, budget = "hedged", except(E::Lost))]
#[circuit_breaker(key = depth)]
async fn hedged(mut symbol: String, depth: u32, _unused: &str) -> Result<u32, E> {
    symbol.push('x');
    drop(symbol);
    Ok(depth)
}

#[hedge(after = "50ms", clone(symbol))]
async fn hedged_alone(symbol: String) -> String {
    symbol
}

fn main() {
    drop((hedged(String::new(), 1, ""), hedged_alone(String::new())));
    drop((quote("ACME", 1), brief()));
}
