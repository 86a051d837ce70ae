use resilience::bulkhead;

#[bulkhead(max_wait = "1s")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
