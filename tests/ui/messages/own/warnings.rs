#![deny(warnings)]

use resilience::{bulkhead, circuit_breaker, fallback, retry, timeout};

#[fallback(value = 0)]
#[retry]
#[circuit_breaker]
#[bulkhead(max_concurrent = 2)]
#[timeout("1s")]
pub async fn all(symbol: &str, unused_argument: u32) -> Result<usize, String> {
    let unused = 1;
    let mut never_changed = symbol.len();
    symbol.parse::<usize>();
    if never_changed > 3 {
        return Ok(never_changed);
        never_changed;
    }
    Ok(never_changed)
}

#[retry]
pub fn sync(symbol: &str) -> Result<usize, String> {
    let unused = 1;
    let NotSnake = symbol.len();
    let assigned;
    assigned = NotSnake;
    (return Ok(2))
}

#[timeout("1s")]
async fn never_called() -> Result<usize, String> {
    Ok(1)
}

fn main() {}
