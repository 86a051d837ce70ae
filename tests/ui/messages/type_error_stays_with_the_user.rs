use resilience::{retry, timeout};

#[retry]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    Ok("one")
}

fn main() {}
