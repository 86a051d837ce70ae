use resilience::timeout;

#[timeout("30s1m")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
