//! `#[timeout]`: answer within a limit, or not at all.
//!
//! ```text
//! cargo run --example timeout
//! ```

use std::time::{Duration, Instant};

use resilience::timeout;

#[derive(Debug, thiserror::Error)]
enum ReportError {
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

// Async: the future is dropped when the time is up.
#[timeout("50ms")]
async fn fetch(takes: Duration) -> Result<&'static str, ReportError> {
    tokio::time::sleep(takes).await;
    Ok("fetched")
}

// The limit can be an expression, with the arguments in scope.
#[timeout(per_row * rows)]
async fn fetch_rows(rows: u32, per_row: Duration) -> Result<u32, ReportError> {
    tokio::time::sleep(Duration::from_millis(30)).await;
    Ok(rows)
}

// Sync: the body runs on a thread of its own, which is left behind when the time is up.
// So the arguments must be owned.
#[timeout("50ms")]
fn compute(takes: Duration) -> Result<&'static str, ReportError> {
    std::thread::sleep(takes);
    Ok("computed")
}

// Sync, on the caller's thread: the body itself asks how much time there is left.
#[timeout("50ms", mode = "cooperative")]
fn sum(numbers: &[u64]) -> Result<u64, ReportError> {
    let mut sum = 0;
    for number in numbers {
        if let Some(deadline) = resilience::deadline() {
            deadline.check()?;
        }
        std::thread::sleep(Duration::from_millis(10));
        sum += number;
    }
    Ok(sum)
}

#[tokio::main]
async fn main() {
    let short = Duration::from_millis(10);
    let long = Duration::from_millis(500);

    print("fetch, quick", fetch(short).await);
    print("fetch, slow", fetch(long).await);

    print("20 rows, 5 ms each", fetch_rows(20, Duration::from_millis(5)).await);
    print("2 rows, 5 ms each", fetch_rows(2, Duration::from_millis(5)).await);

    print("compute, quick", compute(short));
    print("compute, slow", compute(long));

    print("sum, 3 numbers", sum(&[1, 2, 3]));
    let start = Instant::now();
    print("sum, 100 numbers", sum(&[1; 100]));
    println!("it stopped after {:.0?}", start.elapsed());
}

fn print<T: std::fmt::Debug>(what: &str, result: Result<T, ReportError>) {
    match result {
        Ok(value) => println!("{what:<20} {value:?}"),
        Err(error) => println!("{what:<20} {error}"),
    }
}
