use resilience::bulkhead;

#[bulkhead(max_concurrency = 8)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
