use resilience::retry;

#[retry]
async fn entry<'a>(cache: &'a mut u32, _key: &str) -> Result<&'a u32, resilience::Error> {
    Ok(cache)
}

fn main() {}
