use resilience::retry;

struct Quote;

#[retry]
impl Quote {
    fn quote(&self) {}
}

fn main() {}
