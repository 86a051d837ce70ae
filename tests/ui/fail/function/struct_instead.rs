use resilience::retry;

#[retry]
struct Quote;

fn main() {}
