use resilience::timeout;

struct Quote;

#[timeout("1s")]
async fn quote() -> Quote {
    Quote
}

fn main() {}
