use resilience::hedge;

#[hedge(after = "50ms", when = |error: &u32| *error > 1)]
async fn quote() -> Result<u32, u32> {
    Ok(1)
}

fn main() {}
