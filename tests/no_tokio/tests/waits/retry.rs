use resilience::retry;

#[retry]
async fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
