use resilience::{bulkhead, retry, timeout};

#[retry]
#[bulkhead(max_concurrent = 2)]
async fn wrong_result(symbol: &str) -> Result<usize, String> {
    let count: u32 = symbol.len();
    drop(count);
    "one"
}

#[timeout("1s", mode = "cooperative")]
fn wrong_return(symbol: &str) -> Result<usize, String> {
    if symbol.is_empty() {
        return "none";
    }
    symbol.measure();
    Ok(unknown)
}

#[retry]
#[timeout("1s")]
async fn wrong_question(symbol: &str) -> Result<usize, String> {
    let count: usize = symbol.parse::<usize>()?;
    missing(count);
    Ok(count)
}

#[bulkhead(max_concurrent = 2)]
fn wrong_signature(symbol: &Symbol) -> Result<usize, String> {
    Ok(symbol.len())
}

fn main() {}
