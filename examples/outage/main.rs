//! Why one retry is not enough: a thousand clients, and a service that browns out for ten seconds.
//!
//! `cargo run --example outage` prints what became of the clients' calls by four ways to make them, and draws it as
//! an SVG file, `target/outage.svg` or the one that is named as an argument. The minute passes in virtual time, and
//! everything random is seeded, so every run prints the same.

mod chart;
mod clients;
mod service;

use std::cell::RefCell;
use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use clients::{Answer, Failure};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use service::Service;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

const CLIENTS: u32 = 1_000;
/// Each of them makes a call about every two seconds.
const PAUSE: f64 = 2.0;
const SECONDS: u32 = 60;
const BROWNOUT: Range<Duration> = Duration::from_secs(15)..Duration::from_secs(25);
/// An answer that comes later is no good to anybody.
const PATIENCE: Duration = Duration::from_secs(2);
const SEED: u64 = 7;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What became of the calls.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    calls: u32,
    /// Answers from the service within the clients' patience, in each second.
    good: Vec<u32>,
    stale: u32,
    requests: u32,
    times: Vec<Duration>,
}

impl Outcome {
    fn new(name: &'static str) -> Self {
        Self { name, calls: 0, good: vec![0; SECONDS as usize], stale: 0, requests: 0, times: Vec::new() }
    }

    fn record(&mut self, at: Duration, took: Duration, answer: &Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Fresh) if took <= PATIENCE => {
                if let Some(good) = usize::try_from(at.as_secs()).ok().and_then(|at| self.good.get_mut(at)) {
                    *good += 1;
                }
            }
            Ok(Answer::Stale) => self.stale += 1,
            _ => {}
        }
        self.times.push(took);
    }

    fn p99(&mut self) -> Duration {
        self.times.sort_unstable();
        self.times.get(self.times.len() * 99 / 100).copied().unwrap_or_default()
    }

    /// How long after the brownout nine in ten calls are answered in time again, three seconds in a row.
    fn recovery(&self) -> Option<u64> {
        let usual = f64::from(CLIENTS) / PAUSE * 0.9;
        let end = BROWNOUT.end.as_secs();
        let after = &self.good[usize::try_from(end).ok()?..];
        let well = |seconds: &[u32]| seconds.iter().all(|good| f64::from(*good) >= usual);
        after.windows(3).position(well).map(|seconds| seconds as u64)
    }
}

/// Everybody's calls by one way to make them.
async fn play<F>(name: &'static str, call: impl Fn(Service) -> F + 'static) -> Outcome
where
    F: Future<Output = Result<Answer, Failure>> + 'static,
{
    resilience::testing::seed_jitter(SEED);
    let start = Instant::now();
    let service = Service::start();
    let outcome = Rc::new(RefCell::new(Outcome::new(name)));
    let call = Rc::new(call);
    let everybody = LocalSet::new();
    for client in 0..CLIENTS {
        let (service, outcome, call) = (service.clone(), Rc::clone(&outcome), Rc::clone(&call));
        everybody.spawn_local(async move {
            let mut rng = SmallRng::seed_from_u64(SEED + u64::from(client));
            let mut at = start;
            loop {
                // Exponential pauses: users don't wait for each other.
                at += Duration::from_secs_f64(-PAUSE * rng.random_range(f64::EPSILON..1.0).ln());
                if at - start >= Duration::from_secs(SECONDS.into()) {
                    break;
                }
                sleep_until(at).await;
                outcome.borrow_mut().calls += 1;
                let (answer, outcome) = (call(service.clone()), Rc::clone(&outcome));
                tokio::task::spawn_local(async move {
                    let answer = answer.await;
                    outcome.borrow_mut().record(start.elapsed(), at.elapsed(), &answer);
                });
            }
        });
    }
    everybody.await;
    let mut outcome = Rc::into_inner(outcome).expect("all tasks have ended").into_inner();
    outcome.requests = service.requests();
    outcome
}

/// The table as Markdown, which the README shows.
fn print(outcomes: &mut [Outcome]) {
    println!("| {:<24} | answered in time | from the cache | requests a call | p99   | recovers in |", "");
    println!("|{:-<26}|------------------|----------------|-----------------|-------|-------------|", "");
    for outcome in outcomes {
        let of_calls = |count| format!("{:.1} %", 100.0 * f64::from(count) / f64::from(outcome.calls));
        let in_time = of_calls(outcome.good.iter().sum());
        let stale = if outcome.stale > 0 { of_calls(outcome.stale) } else { String::new() };
        let amplification = f64::from(outcome.requests) / f64::from(outcome.calls);
        let recovery = match outcome.recovery() {
            None => "never".to_owned(),
            Some(0) => "at once".to_owned(),
            Some(seconds) => format!("{seconds} s"),
        };
        let p99 = outcome.p99().as_secs_f64();
        println!(
            "| {:<24} | {in_time:>16} | {stale:>14} | {amplification:>15.2} | {p99:>3.1} s | {recovery:>11} |",
            outcome.name
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let mut outcomes = runtime.block_on(async {
        vec![
            play("no policy", |service| async move { clients::no_policy(&service).await }).await,
            play("naive retry", |service| async move { clients::naive_retry(&service).await }).await,
            play(
                "retry, budget and jitter",
                |service| async move { clients::budgeted_retry(&service).await },
            )
            .await,
            play("full stack", |service| async move { clients::full_stack(&service).await }).await,
        ]
    });
    println!(
        "{CLIENTS} clients, {SECONDS} seconds; the service browns out from {:?} to {:?}\n",
        BROWNOUT.start, BROWNOUT.end
    );
    print(&mut outcomes);
    let path = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/outage.svg"), PathBuf::from);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    chart::draw(&outcomes, &path)?;
    println!("\ndrawn in {}", path.display());
    Ok(())
}
