//! The measured paths: each attribute alone and all five, on a body that is ready and does next to nothing.

use std::hint::black_box;
use std::io::{Error, Result};

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

use crate::{drive, repeat};

pub const ALL: &[(&str, fn(u64))] = &[
    ("bare", |calls| drive(calls, bare)),
    ("retry", |calls| drive(calls, retried)),
    ("circuit_breaker", |calls| drive(calls, broken)),
    ("timeout", |calls| drive(calls, timed)),
    ("bulkhead", |calls| drive(calls, bulkheaded)),
    ("fallback", |calls| drive(calls, fallen)),
    ("all_five", |calls| drive(calls, all_five)),
    ("sync_bare", |calls| repeat(calls, sync_bare)),
    ("sync_retry", |calls| repeat(calls, sync_retried)),
    ("sync_circuit_breaker", |calls| repeat(calls, sync_broken)),
    ("sync_timeout", |calls| repeat(calls, sync_timed)),
    ("sync_bulkhead", |calls| repeat(calls, sync_bulkheaded)),
    ("sync_all_five", |calls| repeat(calls, sync_all_five)),
    ("open_rejected", |calls| {
        // The handle is dropped before the calls; the registry keeps the breaker.
        if let Some(breaker) = resilience::get_circuit_breaker("always_open") {
            breaker.force_open();
        }
        drive(calls, rejected);
    }),
    ("failing", |calls| drive(calls, failing)),
];

macro_rules! body {
    ($number:ident) => {
        Ok(black_box($number).wrapping_add(1))
    };
}

#[inline(never)]
async fn bare(number: u64) -> Result<u64> {
    body!(number)
}

#[retry]
#[inline(never)]
async fn retried(number: u64) -> Result<u64> {
    body!(number)
}

#[circuit_breaker]
#[inline(never)]
async fn broken(number: u64) -> Result<u64> {
    body!(number)
}

#[timeout("1s")]
#[inline(never)]
async fn timed(number: u64) -> Result<u64> {
    body!(number)
}

#[bulkhead(max_concurrent = 32)]
#[inline(never)]
async fn bulkheaded(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[inline(never)]
async fn fallen(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s")]
#[inline(never)]
async fn all_five(number: u64) -> Result<u64> {
    body!(number)
}

#[inline(never)]
fn sync_bare(number: u64) -> Result<u64> {
    body!(number)
}

#[retry]
#[inline(never)]
fn sync_retried(number: u64) -> Result<u64> {
    body!(number)
}

#[circuit_breaker]
#[inline(never)]
fn sync_broken(number: u64) -> Result<u64> {
    body!(number)
}

#[timeout("1s", mode = "cooperative")]
#[inline(never)]
fn sync_timed(number: u64) -> Result<u64> {
    body!(number)
}

#[bulkhead(max_concurrent = 32)]
#[inline(never)]
fn sync_bulkheaded(number: u64) -> Result<u64> {
    body!(number)
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s", mode = "cooperative")]
#[inline(never)]
fn sync_all_five(number: u64) -> Result<u64> {
    body!(number)
}

#[circuit_breaker(name = "always_open")]
#[inline(never)]
async fn rejected(number: u64) -> Result<u64> {
    body!(number)
}

/// Failures that never trip it: a bound that no run reaches.
#[circuit_breaker(failure_threshold = 4_000_000_000)]
#[inline(never)]
async fn failing(number: u64) -> Result<u64> {
    Err(black_box(Error::from_raw_os_error(i32::from(number as u8))))
}

/// A body that keeps 16 KiB across an await.
macro_rules! large_body {
    () => {{
        let kept = black_box([0_u8; 16 * 1024]);
        std::future::ready(()).await;
        Ok(kept.len() as u64)
    }};
}

async fn large() -> Result<u64> {
    large_body!()
}

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 32, max_wait = "100ms")]
#[timeout("1s")]
async fn large_all_five() -> Result<u64> {
    large_body!()
}

pub fn print_sizes() {
    let (bare, annotated) = (size_of_val(&large()), size_of_val(&large_all_five()));
    println!("a future over a 16 KiB body: bare {bare} bytes, five attributes {annotated} bytes");
    println!("ready body: bare {} bytes, five attributes {} bytes", size_of_val(&bare_0()), size_of_val(&all_five(0)));
}

fn bare_0() -> impl Future<Output = Result<u64>> {
    bare(0)
}
