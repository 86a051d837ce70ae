use resilience::timeout;

#[timeout(policy = policy)]
async fn quote(policy: resilience::TimeoutPolicy) -> Result<u32, resilience::Error> {
    let _ = policy;
    Ok(1)
}

fn main() {}
