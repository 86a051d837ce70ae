//! `#[bulkhead]`: only so many calls at once, so that one slow dependency can't take every thread.
//!
//! ```text
//! cargo run --example bulkhead
//! ```

use std::time::Duration;

use resilience::{bulkhead, get_bulkhead};
use tokio::task::JoinSet;

#[derive(Debug, thiserror::Error)]
enum RenderError {
    #[error(transparent)]
    Rejected(#[from] resilience::Error),
}

// Two at once; the others wait up to 50 ms, in the order in which they came.
#[bulkhead(name = "renderer", max_concurrent = 2, max_wait = "50ms")]
async fn render(page: u32) -> Result<u32, RenderError> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(page)
}

// Without `max_wait` a call that finds no slot is refused at once. Sync functions work the same way.
#[bulkhead(max_concurrent = 1)]
fn print_page(page: u32) -> Result<u32, RenderError> {
    std::thread::sleep(Duration::from_millis(20));
    Ok(page)
}

#[tokio::main]
async fn main() {
    println!("Eight pages, two at a time, 20 ms each, patience for 50 ms:");
    let mut pages = JoinSet::new();
    for page in 1..=8 {
        pages.spawn(render(page));
    }
    while let Some(Ok(result)) = pages.join_next().await {
        match result {
            Ok(page) => println!("  page {page} rendered"),
            Err(error) => println!("  {error}"),
        }
    }
    let renderer = get_bulkhead("renderer").expect("declared above");
    println!("  {} refused, {} still under way", renderer.metrics().rejected, renderer.active_calls());

    // The handle steers it while the program runs, and takes slots for code that is no function of its own.
    renderer.resize(1).expect("above zero");
    let slot = renderer.acquire_async(Duration::from_millis(50)).await.expect("nobody is there");
    println!("With one slot, taken by hand: {:?}", renderer.try_acquire().map(drop));
    drop(slot);

    println!("Two threads, one printer:");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| print_page(1));
        std::thread::sleep(Duration::from_millis(5));
        println!("  {:?}", print_page(2));
        println!("  {:?}", first.join());
    });
}
