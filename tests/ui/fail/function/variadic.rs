use resilience::retry;

#[retry]
unsafe extern "C" fn quote(_count: u32, ...) -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
