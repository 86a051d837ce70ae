use resilience::retry;

#[retry]
fn tick() {}

fn main() {}
