use resilience::bulkhead;

#[bulkhead(max_concurrent = N)]
fn quote<const N: u32>() -> Result<u32, resilience::Error> {
    Ok(N)
}

fn main() {}
