use resilience::timeout;

#[timeout("1s", clone(text))]
async fn length(text: String) -> Result<usize, resilience::Error> {
    Ok(text.len())
}

fn main() {}
