//! How each figure is taken.

use std::hint::black_box;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::drive::RUNTIME;

/// A name, and what makes so many calls.
pub type Named = (&'static str, fn(u64));

/// What is measured: something that makes so many calls.
#[derive(Clone)]
pub struct Subject {
    pub id: String,
    pub run: fn(u64),
    /// Its calls take milliseconds.
    pub sleeps: bool,
    /// No two runs start with the same instructions.
    pub varies: bool,
}

impl Subject {
    pub fn of(&(name, run): &Named) -> Self {
        Self { id: name.to_owned(), run, sleeps: false, varies: false }
    }

    /// Makes so many calls, where tokio's timers can be had.
    pub fn call(&self, calls: u64) {
        let _inside = RUNTIME.enter();
        (self.run)(calls);
    }
}

/// Instructions for each call of each subject: the difference between two lengths of run under callgrind, so that
/// start-up doesn't count. The same binary gives the same figures, whatever else the machine does.
pub fn instructions(subjects: &[Subject]) -> Result<Vec<f64>, String> {
    let next = Mutex::new(subjects.iter().enumerate());
    let counted = Mutex::new(vec![f64::NAN; subjects.len()]);
    let work = || -> Result<(), String> {
        loop {
            let Some((index, subject)) = next.lock().expect("no panic").next() else { return Ok(()) };
            let (short, long) = match subject {
                Subject { sleeps: true, .. } => (20, 120),
                Subject { varies: true, .. } => (1_000, 2_001_000),
                _ => (1_000, 11_000),
            };
            let counts = [run_counted(&subject.id, short)?, run_counted(&subject.id, long)?];
            counted.lock().expect("no panic")[index] = (counts[1] - counts[0]) / (long - short) as f64;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no panic"))
    })?;
    Ok(counted.into_inner().expect("no panic"))
}

/// Whether callgrind is on this machine.
pub fn can_count() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn run_counted(id: &str, calls: u64) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["instructions", id, &calls.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected :"));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    count.filter(|_| output.status.success()).ok_or_else(|| format!("{id} under valgrind:\n{report}"))
}

/// Nanoseconds for each call of each subject, by turns. All take turns in one process, each turn beginning with another
/// one, so that other work of the machine meets all of them alike.
pub fn turns(subjects: &[Subject]) -> Vec<Vec<f64>> {
    const TURNS: usize = 61;
    let calls: Vec<_> =
        subjects.iter().map(|subject| calls_within(subject, Duration::from_micros(400))).collect();
    let mut turns = vec![Vec::with_capacity(TURNS); subjects.len()];
    for turn in 0..TURNS {
        for index in (0..subjects.len()).map(|index| (turn + index) % subjects.len()) {
            let time = time(|| subjects[index].call(calls[index]));
            turns[index].push(time.as_secs_f64() * 1e9 / calls[index] as f64);
        }
    }
    turns
}

/// The medians of [`turns`].
pub fn nanoseconds(subjects: &[Subject]) -> Vec<f64> {
    turns(subjects).into_iter().map(median).collect()
}

/// The median of the ratios of two subjects' times, turn by turn: the load of the machine changes both alike.
pub fn ratio(turns: &[f64], to: &[f64]) -> f64 {
    median(turns.iter().zip(to).map(|(one, other)| one / other).collect())
}

/// How many times as many calls two threads make as one does in the same time. One and two take turns, and of each the
/// turn counts that was disturbed the least: what else the machine does takes a core from two threads before it takes one
/// from a single one, and would be mistaken for what they do to each other.
pub fn two_threads(subject: &Subject) -> f64 {
    const TURNS: usize = 25;
    let calls = calls_within(subject, Duration::from_millis(5));
    let with = |threads: u32| {
        time(|| {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| subject.call(calls));
                }
            });
        })
    };
    with(2);
    let (mut one, mut two) = (Duration::MAX, Duration::MAX);
    for _ in 0..TURNS {
        one = one.min(with(1));
        two = two.min(with(2));
    }
    2.0 * one.as_secs_f64() / two.as_secs_f64()
}

/// Allocations and bytes for each call: the difference between two lengths of run, so that what is set up once doesn't
/// count.
pub fn allocations(subject: &Subject) -> (f64, f64) {
    let calls = if subject.sleeps { 20 } else { 1_000 };
    subject.call(2);
    let short = allocation_counter::measure(|| subject.call(calls));
    let long = allocation_counter::measure(|| subject.call(2 * calls));
    let each = |long: u64, short: u64| (long as f64 - short as f64) / calls as f64;
    (each(long.count_total, short.count_total), each(long.bytes_total, short.bytes_total))
}

/// Bytes that a thing holds: in itself, and on the heap.
pub fn bytes_held<T>(make: impl FnOnce() -> T) -> u64 {
    let mut made = None;
    let held = allocation_counter::measure(|| made = Some(make()));
    black_box(&made);
    u64::try_from(held.bytes_current).expect("not less than before") + size_of::<T>() as u64
}

/// How many calls are made in about this time.
fn calls_within(subject: &Subject, goal: Duration) -> u64 {
    let mut calls = 10;
    loop {
        let taken = time(|| subject.call(calls));
        if taken * 2 >= goal || calls >= 1 << 24 {
            return (calls as f64 * goal.as_secs_f64() / taken.as_secs_f64()).max(1.0) as u64;
        }
        calls *= 2;
    }
}

pub fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
