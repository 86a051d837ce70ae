//! Prints what happens, and the table at the end.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::iter::Sum;
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

tokio::task_local! {
    /// The number of the call that the current task makes.
    static CALL: usize;
}

/// Prints one line: milliseconds since the start, the call, what acts, and what it does.
pub fn say(actor: &str, action: impl Display) {
    let call = CALL.try_with(|call| format!("call {call}")).unwrap_or_default();
    let at = START.elapsed().as_millis();
    let color = match actor {
        "breaker" => "35",
        "retry" | "bulkhead" => "33",
        "fallback" => "36",
        "answer" => "32",
        _ => "0",
    };
    println!("{at:>6} ms  {call:<8} {}  {action}", paint(color, &format!("{actor:<8}")));
}

/// Colours are for people who watch a terminal and haven't turned them off; see <https://no-color.org>.
fn paint(color: &str, text: &str) -> String {
    static IN_COLOR: LazyLock<bool> = LazyLock::new(|| {
        io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    });
    if *IN_COLOR { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
}

pub enum Answer {
    /// The exchange's own price.
    Fresh(f64),
    /// The fallback's price.
    Stale(f64),
    Failed(String),
}

/// A row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Row {
    calls: usize,
    /// Requests that the exchange received.
    requests: usize,
    fresh: usize,
    stale: usize,
    failed: usize,
    /// Attempts that the circuit breaker or the bulkhead rejected: they cost the exchange no request.
    rejected: u64,
}

impl Row {
    fn print(&self, title: &str) {
        let Self { calls, requests, fresh, stale, failed, rejected } = self;
        println!("  {title:<40.40} {calls:>6} {requests:>9} {fresh:>6} {stale:>6} {failed:>7} {rejected:>9}");
    }
}

impl Sum for Row {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            calls: sum.calls + row.calls,
            requests: sum.requests + row.requests,
            fresh: sum.fresh + row.fresh,
            stale: sum.stale + row.stale,
            failed: sum.failed + row.failed,
            rejected: sum.rejected + row.rejected,
        })
    }
}

#[derive(Default)]
pub struct Report {
    /// The scenes so far, each with its title.
    scenes: Mutex<Vec<(&'static str, Row)>>,
}

impl Report {
    pub fn begin_scene(&self, title: &'static str) {
        LazyLock::force(&START);
        println!("\n{}", paint("1", &format!("== {title}")));
        self.scenes.lock().unwrap().push((title, Row::default()));
    }

    /// Counts what the scene cost the exchange, and what the policies kept from it.
    pub fn end_scene(&self, requests: usize, rejected: u64) {
        let so_far = self.count(|_| ());
        self.count(|row| {
            row.requests = requests - so_far.requests;
            row.rejected = rejected - so_far.rejected;
        });
    }

    /// Makes a call; prints and counts its answer.
    pub async fn call(&self, call: impl AsyncFnOnce() -> Answer) {
        let number = self.count(|row| row.calls += 1).calls;
        CALL.scope(number, async {
            match call().await {
                Answer::Fresh(price) => {
                    say("answer", format!("{price}, a fresh price"));
                    self.count(|row| row.fresh += 1)
                }
                Answer::Stale(price) => {
                    say("answer", format!("{price}, a stale price"));
                    self.count(|row| row.stale += 1)
                }
                Answer::Failed(error) => {
                    say("answer", format!("no price: {error}"));
                    self.count(|row| row.failed += 1)
                }
            }
        })
        .await;
    }

    pub fn print_table(&self) {
        let scenes = self.scenes.lock().unwrap();
        println!(
            "\n  {:<40} {:>6} {:>9} {:>6} {:>6} {:>7} {:>9}",
            "", "calls", "requests", "fresh", "stale", "failed", "rejected"
        );
        for (title, row) in scenes.iter() {
            row.print(title);
            assert_eq!(row.calls, row.fresh + row.stale + row.failed, "each call has one answer: {row:?}");
        }
        let total: Row = scenes.iter().map(|(_, row)| *row).sum();
        println!("  {:-<88}", "");
        total.print("total");
    }

    /// Adds to the row of the current scene and returns the sum of all rows.
    fn count(&self, add: impl FnOnce(&mut Row)) -> Row {
        let mut scenes = self.scenes.lock().unwrap();
        let (_, row) = scenes.last_mut().expect("a scene has begun");
        add(row);
        scenes.iter().map(|(_, row)| *row).sum()
    }
}
