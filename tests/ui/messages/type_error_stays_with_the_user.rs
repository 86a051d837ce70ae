use resilience::{retry, timeout};

#[retry]
#[timeout("1s")]
async fn quote() -> Result<u32, resilience::Error> {
    let price: u32 = "one";
    Ok(price)
}

fn main() {}
