use resilience::fallback;


struct Client;

impl Client {
    #[fallback(self.cached)]
    fn quote(&self) -> Result<u32, resilience::Error> {
        Ok(1)
    }

    fn cached(&self) -> Result<u32, resilience::Error> {
        Ok(0)
    }
}

fn main() {}
