use resilience::retry;

#[retry]
const fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
