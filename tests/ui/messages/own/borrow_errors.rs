use resilience::{bulkhead, circuit_breaker, retry, timeout};

#[retry]
#[circuit_breaker]
fn moved_local(symbol: &str) -> Result<usize, String> {
    let owned = symbol.to_owned();
    drop(owned);
    Ok(owned.len())
}

#[bulkhead(max_concurrent = 2)]
#[timeout("1s")]
async fn borrowed_twice(symbol: &str) -> Result<usize, String> {
    let mut owned = symbol.to_owned();
    let first = &mut owned;
    let second = &mut owned;
    first.push('a');
    second.push('b');
    Ok(owned.len())
}

#[retry]
async fn not_mutable(symbol: &str) -> Result<usize, String> {
    let owned = symbol.to_owned();
    owned.push('a');
    Ok(owned.len())
}

#[circuit_breaker]
fn of_a_local(symbol: &str) -> Result<&str, String> {
    let owned = symbol.to_owned();
    Ok(owned.as_str())
}

fn main() {}
