//! A body that runs once may give away what it borrows mutably.

use resilience::{bulkhead, circuit_breaker, timeout};

#[bulkhead(max_concurrent = 2)]
#[timeout("1s")]
async fn first<'a>(quotes: &'a mut Vec<u32>, more: u32) -> Result<&'a mut u32, resilience::Error> {
    quotes.push(more);
    Ok(&mut quotes[0])
}

struct Cache(u32);

impl Cache {
    #[circuit_breaker]
    fn entry(&mut self) -> Option<&mut u32> {
        Some(&mut self.0)
    }
}

fn main() {
    drop(first(&mut Vec::new(), 1));
    assert_eq!(Cache(1).entry(), Some(&mut 1));
}
