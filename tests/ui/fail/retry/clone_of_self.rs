use resilience::retry;


struct Client;

impl Client {
    #[retry(clone(self))]
    fn quote(self) -> Result<u32, resilience::Error> {
        Ok(1)
    }
}

fn main() {}
