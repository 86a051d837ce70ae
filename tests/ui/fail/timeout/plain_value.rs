use resilience::timeout;

#[timeout("1s")]
async fn count() -> u32 {
    1
}

fn main() {}
