use resilience::{retry, timeout};

#[timeout("1s")]
#[retry = 3]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
