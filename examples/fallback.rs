//! `#[fallback]`: something to answer with when the function has nothing.
//!
//! ```text
//! cargo run --example fallback
//! ```

use resilience::fallback;

#[derive(Debug, thiserror::Error)]
enum PriceError {
    #[error("the market is closed")]
    Closed,
    #[error("the cache is cold")]
    Cold,
    #[error("no such symbol")]
    UnknownSymbol,
}

// A value.
#[fallback(value = 0)]
fn stock(_symbol: &str) -> Result<u32, PriceError> {
    Err(PriceError::Closed)
}

// A closure: it gets the error, sees the arguments, and gives the whole result.
#[fallback(|error| Ok(format!("{symbol}: {error}")))]
async fn headline(symbol: &str) -> Result<String, PriceError> {
    Err(PriceError::Closed)
}

// Functions, tried in order. Each gets the arguments, and the last error if it asks for it.
// An unknown symbol is an answer, not an outage: no fallback.
#[fallback(cached_price, list_price, except(PriceError::UnknownSymbol))]
async fn price(symbol: &str) -> Result<f64, PriceError> {
    match symbol {
        "NOPE" => Err(PriceError::UnknownSymbol),
        _ => Err(PriceError::Closed),
    }
}

async fn cached_price(symbol: &str) -> Result<f64, PriceError> {
    match symbol {
        "ACME" => Ok(101.5),
        _ => Err(PriceError::Cold),
    }
}

async fn list_price(symbol: &str, error: PriceError) -> Result<f64, PriceError> {
    println!("  list price for {symbol}, because {error}");
    Ok(99.0)
}

// `None` is a failure too.
#[fallback(value = "somebody")]
fn nickname(user: u32) -> Option<&'static str> {
    (user == 1).then_some("ada")
}

#[tokio::main]
async fn main() {
    println!("stock:          {:?}", stock("ACME"));
    println!("headline:       {:?}", headline("ACME").await);
    for symbol in ["ACME", "INIT", "NOPE"] {
        println!("price of {symbol}:  {:?}", price(symbol).await);
    }
    println!("nicknames:      {:?} {:?}", nickname(1), nickname(2));
}
