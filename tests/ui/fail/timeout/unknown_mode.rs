use resilience::timeout;

#[timeout("1s", mode = "cooperativ")]
fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {}
