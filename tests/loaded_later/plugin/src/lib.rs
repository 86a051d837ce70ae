//! Declares policies, and is loaded after the host has used its own.

use shared::resilience::{Error, bulkhead, circuit_breaker};

#[circuit_breaker(name = "plugin", failure_threshold = 2, crate = ::shared::resilience)]
#[bulkhead(name = "plugin", max_concurrent = 3, crate = ::shared::resilience)]
fn call(works: bool) -> Result<(), Error> {
    if works { Ok(()) } else { Err(error()) }
}

// The host has a bulkhead of the same name with other settings, which stay in force.
#[bulkhead(name = "both", max_concurrent = 7, crate = ::shared::resilience)]
fn both() -> Option<()> {
    Some(())
}

// The host names this breaker without settings. It has used the default ones until now.
#[circuit_breaker(name = "named by the host", failure_threshold = 2, crate = ::shared::resilience)]
fn named_by_the_host() -> Option<()> {
    Some(())
}

// The host names this one too, for each key.
#[circuit_breaker(name = "keyed by the host", key = key, failure_threshold = 2, crate = ::shared::resilience)]
fn keyed_by_the_host(key: u32) -> Option<u32> {
    Some(key)
}

#[bulkhead(name = "keys", key = key, max_concurrent = 4, crate = ::shared::resilience)]
fn keyed(key: u32) -> Option<u32> {
    Some(key)
}

fn error() -> Error {
    shared::resilience::Bulkhead::new("full", shared::resilience::BulkheadPolicy::new(1))
        .and_then(|bulkhead| {
            let _slot = bulkhead.try_acquire();
            Ok(bulkhead.try_acquire().map(drop))
        })
        .ok()
        .and_then(Result::err)
        .expect("the only slot is in use")
}

/// Makes a call of each function. Returns true if the call of `call` was rejected by the breaker.
#[unsafe(no_mangle)]
pub fn plugin_call(works: bool) -> bool {
    assert_eq!((both(), named_by_the_host()), (Some(()), Some(())));
    assert_eq!((keyed_by_the_host(3), keyed(1)), (Some(3), Some(1)));
    call(works).is_err_and(|error| error.is_circuit_open())
}
