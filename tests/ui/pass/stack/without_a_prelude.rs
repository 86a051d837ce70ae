#![no_implicit_prelude]

use ::resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

#[fallback(|error| ::std::result::Result::Err(error))]
#[retry(base_delay = "0s", clone(symbol), on_retry = |_| (), exhausted = |story| story.last)]
#[circuit_breaker]
#[bulkhead(max_concurrent = 2, max_wait = "1ms")]
#[timeout("5m")]
fn quote(symbol: ::std::string::String) -> ::std::result::Result<usize, ::resilience::Error> {
    ::std::result::Result::Ok(symbol.len())
}

#[retry(base_delay = "0s")]
#[timeout("1s")]
async fn later(symbol: &str) -> ::std::option::Option<usize> {
    ::std::option::Option::Some(symbol.len())
}

fn main() {
    ::std::assert_eq!(quote(::std::convert::From::from("ACME")), ::std::result::Result::Ok(4));
    ::std::mem::drop(later("ACME"));
}
