use resilience::rate_limit;

#[rate_limit(rate = 1, max_wait = "1s")]
async fn quote() -> Option<u32> {
    Some(1)
}

fn main() {}
