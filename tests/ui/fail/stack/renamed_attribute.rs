use resilience::{retry, timeout as limit};

#[retry]
#[limit("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
