use std::time::Duration;

use resilience::circuit_breaker;

#[circuit_breaker(failure_threshold = 2 + 3, reset_timeout = Duration::from_secs(10))]
fn quote() -> Option<u32> {
    Some(1)
}

fn main() {
    assert_eq!(quote(), Some(1));
}
