use resilience::bulkhead;

#[bulkhead(max_concurrent = 2, max_queue = 8)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
