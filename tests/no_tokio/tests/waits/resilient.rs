use std::sync::LazyLock;

use resilience::{Error, Pipeline, resilient};

static PIPELINE: LazyLock<Pipeline<u32, Error>> = LazyLock::new(|| unreachable!("never run"));

#[resilient(PIPELINE)]
async fn quote() -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
