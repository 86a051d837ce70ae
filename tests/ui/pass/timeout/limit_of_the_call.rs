use std::time::Duration;

use resilience::timeout;

struct Client {
    limit: Duration,
}

impl Client {
    #[timeout(self.limit, mode = "cooperative")]
    fn quote(&self) -> Result<u32, String> {
        Ok(1)
    }
}

#[timeout(limit * 2)]
async fn quote(limit: Duration) -> Result<Duration, String> {
    Ok(limit)
}

fn main() {
    assert_eq!(Client { limit: Duration::from_secs(1) }.quote(), Ok(1));
    drop(quote(Duration::from_secs(1)));
}
