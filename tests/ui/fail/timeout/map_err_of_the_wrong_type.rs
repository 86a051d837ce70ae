use resilience::timeout;

fn name(_status: u16) -> String {
    String::new()
}

#[timeout("1s", map_err = name)]
fn call() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
