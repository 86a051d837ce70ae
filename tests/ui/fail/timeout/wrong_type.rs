use resilience::timeout;

const LIMIT: u64 = 5;

#[timeout(LIMIT)]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
