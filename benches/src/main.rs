//! What a call costs: `instructions` runs one path many times for callgrind to count, `sizes` and `allocations`
//! print theirs, `scaling` says how much more two threads get done than one.

mod paths;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

fn main() -> Result<(), String> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => paths::ALL.iter().for_each(|(name, _)| println!("{name}")),
        ["instructions", path, calls] => {
            let calls = calls.parse().map_err(|error| format!("{calls}: {error}"))?;
            find(path)?(calls);
        }
        ["sizes"] => paths::print_sizes(),
        ["allocations"] => {
            for (name, run) in paths::ALL {
                // The first call makes the instances; it is the later ones that count.
                run(1);
                println!("{name:<24}{:>6}", allocation_counter::measure(|| run(1_000)).count_total);
            }
        }
        ["scaling", ref only @ ..] => {
            let asked = |name: &&str| only.is_empty() || only.contains(name);
            for (name, run) in paths::ALL.iter().filter(|(name, _)| asked(name)) {
                println!("{name:<24}{:>6.2}", scaling(*run));
            }
        }
        _ => return Err("usage: list | instructions PATH CALLS | sizes | allocations | scaling [PATH]...".to_owned()),
    }
    Ok(())
}

fn find(path: &str) -> Result<fn(u64), String> {
    let found = paths::ALL.iter().find(|(name, _)| *name == path);
    found.map(|(_, run)| *run).ok_or_else(|| format!("no path is called {path}; see `list`"))
}

/// How many times as many calls two threads make as one does in the same time: the median of several turns, taken by
/// turns so that both see the same machine.
fn scaling(run: fn(u64)) -> f64 {
    const CALLS: u64 = 3_000_000;
    let time = |threads: u32| {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| run(CALLS));
            }
        });
        start.elapsed().as_secs_f64()
    };
    run(1_000);
    let mut ratios: Vec<_> = (0..7).map(|_| 2.0 * time(1) / time(2)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Polls each call once: the bodies are ready.
fn drive<F: Future>(calls: u64, mut call: impl FnMut(u64) -> F) {
    let mut context = Context::from_waker(Waker::noop());
    for number in 0..calls {
        let future = pin!(call(black_box(number)));
        match future.poll(&mut context) {
            Poll::Ready(value) => black_box(value),
            Poll::Pending => panic!("a ready body waits"),
        };
    }
}

/// The calls, one after the other, in one task of a runtime.
fn in_tokio<F: Future>(calls: u64, mut call: impl FnMut(u64) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        for number in 0..calls {
            black_box(call(black_box(number)).await);
        }
    });
}

fn repeat<T>(calls: u64, mut call: impl FnMut(u64) -> T) {
    for number in 0..calls {
        black_box(call(black_box(number)));
    }
}
