use resilience::timeout;

#[timeout("1s", mode = "cooperative")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
