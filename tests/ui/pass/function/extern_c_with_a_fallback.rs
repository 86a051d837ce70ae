//! What can refuse is answered for before the foreign caller sees it.

use resilience::{circuit_breaker, fallback};

#[fallback(value = -1)]
#[circuit_breaker]
extern "C" fn quote() -> i32 {
    1
}

fn main() {
    assert_eq!(quote(), 1);
}
