use resilience::bulkhead;

#[bulkhead(max_concurrent = 1, max_wait = "1s")]
async fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
