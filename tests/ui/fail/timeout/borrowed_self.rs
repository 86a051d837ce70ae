use resilience::timeout;


struct Client;

impl Client {
    #[timeout("1s")]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }
}

fn main() {}
