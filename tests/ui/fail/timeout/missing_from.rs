use resilience::timeout;

struct E;

#[timeout("1s")]
async fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
