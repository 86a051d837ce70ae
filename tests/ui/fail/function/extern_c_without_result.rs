use resilience::circuit_breaker;

#[circuit_breaker]
extern "C" fn quote() -> i32 {
    1
}

fn main() {}
