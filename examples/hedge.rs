//! `#[hedge]`: the tail of a service that is slow now and then, and what a second call makes of it.
//!
//! ```text
//! cargo run --example hedge
//! ```

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resilience::{get_hedge, hedge};
use tokio::time::{Instant, sleep};

const READS: u32 = 1_000;

/// Answers within 10 ms, but for one call in fifty, which takes a second.
#[derive(Default)]
struct Store {
    calls: AtomicU32,
}

impl Store {
    async fn get(&self, key: u32) -> Result<u32, String> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let takes = if call % 50 == 49 { 1_000 } else { 2 + u64::from(key % 8) };
        sleep(Duration::from_millis(takes)).await;
        Ok(7 * key)
    }

    async fn read(&self, key: u32) -> Result<u32, String> {
        self.get(key).await
    }

    // A read may be done twice. Nineteen in twenty take less than 20 ms.
    #[hedge(after = "20ms")]
    async fn read_hedged(&self, key: u32) -> Result<u32, String> {
        self.get(key).await
    }
}

/// The slowest of so many reads, the time that 99 in 100 take at the most, and the calls they made.
async fn tail<F: Future<Output = Result<u32, String>>>(store: &Store, read: impl Fn(u32) -> F) {
    let mut times = Vec::new();
    for key in 0..READS {
        let start = Instant::now();
        assert_eq!(read(key).await, Ok(7 * key));
        times.push(start.elapsed());
    }
    times.sort();
    let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let calls = store.calls.swap(0, Ordering::Relaxed);
    println!("  p50 {p50:?}, p99 {p99:?}, slowest {:?}; {calls} calls", times[times.len() - 1]);
}

// On a paused clock: time passes as soon as everybody waits for it.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let store = Store::default();
    println!("{READS} reads:");
    tail(&store, |key| store.read(key)).await;
    println!("{READS} reads, each with another call beside it after 20 ms:");
    tail(&store, |key| store.read_hedged(key)).await;
    let hedge = get_hedge(concat!(module_path!(), "::read_hedged")).expect("declared above");
    println!("  {:?}", hedge.metrics());
}
