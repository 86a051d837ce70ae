use resilience::retry;


trait Quotes {
    #[retry]
    fn quote(&self) -> Result<u32, resilience::Error>;
}

fn main() {}
