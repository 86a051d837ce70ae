use resilience::fallback;

#[fallback(async |error| Err(error))]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
