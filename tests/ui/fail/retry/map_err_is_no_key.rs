use resilience::retry;

#[retry(map_err = std::convert::identity)]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
