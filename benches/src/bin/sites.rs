//! What many annotated functions cost the catalogue and the look-up by name.

use std::hint::black_box;
use std::time::Instant;

type Outcome = Result<(), resilience::Error>;

// Only two of the functions are called.
#[allow(dead_code)]
mod sites {
    use super::Outcome;
    include!(concat!(env!("OUT_DIR"), "/sites.rs"));
}

use sites::{FIRST, LAST, SITES};

fn main() {
    // The last one of the source, which every search finds last.
    let name = format!("service-{}", SITES - 1);
    let first_look_up = once(|| resilience::get_circuit_breaker(&name));
    let first_call = once(FIRST);
    let look_up = often(|| resilience::get_circuit_breaker(&name));
    let call = often(LAST);
    let catalog = once(resilience::catalog);
    let print = once(|| resilience::catalog().to_string());
    let verify = once(resilience::verify);
    println!("{first_look_up} {first_call} {look_up} {call} {catalog} {print} {verify}");
}

/// In nanoseconds.
fn once<T>(run: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64() * 1e9
}

fn often<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut turns: Vec<_> = (0..9)
        .map(|_| {
            once(|| {
                for _ in 0..100_000 {
                    black_box(run());
                }
            }) / 100_000.0
        })
        .collect();
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}
