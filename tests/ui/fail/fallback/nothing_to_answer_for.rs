use resilience::fallback;

#[fallback(value = 0)]
fn count() -> u32 {
    1
}

fn main() {}
