use resilience::retry;

trait Stream {
    type Item;
}

struct Quotes;

impl Stream for Quotes {
    type Item = u32;
}

#[retry]
fn quotes() -> impl Stream<Item = u32> {
    Quotes
}

fn main() {}
