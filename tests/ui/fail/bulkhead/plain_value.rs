use resilience::bulkhead;

#[bulkhead(max_concurrent = 2)]
fn count() -> u32 {
    1
}

fn main() {}
