//! Types, traits, macros and modules with the names of primitives, of the prelude and of the standard crates.
#![allow(non_camel_case_types, dead_code, unused_imports, unused_macros)]

use resilience::{bulkhead, circuit_breaker, fallback, hedge, rate_limit, retry, timeout};

struct str;
struct u32;
struct u64;
struct usize;
struct bool;
struct f64;
struct u8;
struct Some;
struct None;
struct Ok;
struct Err;
struct Vec;
struct Box;
struct String;
struct Option;
struct Duration;
trait Send {}
trait Sync {}
trait Clone {}
trait Fn {}
trait FnOnce {}
trait Drop {}
trait Future {}
trait From {}
trait Into {}
mod core {}
mod std {}
mod alloc {}
macro_rules! matches {
    () => {};
}
macro_rules! assert {
    () => {};
}
macro_rules! concat {
    () => {};
}

type Answer = ::core::result::Result<i32, ::resilience::Error>;

#[fallback(value = 3)]
#[retry(max_attempts = 3, base_delay = "1ms", jitter = 0.5, budget = "shadowed")]
#[circuit_breaker(name = "shadowed", failure_rate = 0.5, window = 10, slow_call = "1s")]
#[rate_limit(rate = 10, max_wait = "1s", cost = number)]
#[bulkhead(max_concurrent = 2, max_wait = "1s", max_queue = 3)]
#[timeout("1s", mode = "cooperative")]
fn sync(number: i32) -> Answer {
    ::core::result::Result::Ok(number)
}

#[fallback(|_| ::core::result::Result::Ok(1))]
#[timeout("9s")]
#[retry(max_attempts = 3, base_delay = "1ms", clone(text))]
#[hedge(after = "1s", clone(text))]
#[circuit_breaker(key = number, max_keys = 3, idle = "1s", overflow = "share")]
#[rate_limit(rate = 10, max_wait = "1s")]
#[bulkhead(max_concurrent = 2, max_wait = "1s")]
#[timeout("1s")]
async fn asynchronous(number: i32, text: ::std::string::String) -> Answer {
    ::core::mem::drop(text);
    ::core::result::Result::Ok(number)
}

#[timeout("1s")]
fn detached(number: i32) -> Answer {
    ::core::result::Result::Ok(number)
}

fn main() {}
