//! Generated code means the library's names, whatever these mean here.
#![allow(dead_code, non_camel_case_types)]

use resilience::{retry, timeout};

struct Result;
struct Option;
struct Ok;
struct Err;
struct Some;
struct None;
struct Duration;
mod core {}
mod std {}

#[retry(base_delay = "0s")]
#[timeout("1s", mode = "cooperative")]
fn quote(attempts: u32, shape: u32, outcome: u32) -> ::std::result::Result<u32, resilience::Error> {
    ::std::result::Result::Ok(attempts + shape + outcome)
}

fn main() {
    assert_eq!(quote(1, 2, 3), ::std::result::Result::Ok(6));
}
