use resilience::retry;

enum E {
    Busy,
    Lost,
}

#[retry(on(E::Busy, E::Lost))]
fn quote() -> Result<u32, E> {
    Ok(1)
}

fn main() {}
