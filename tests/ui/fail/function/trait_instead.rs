use resilience::retry;

#[retry]
trait Quotes {
    fn quote(&self);
}

fn main() {}
