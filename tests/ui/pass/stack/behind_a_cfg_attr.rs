//! An attribute that a condition brings in belongs to the stack.

use resilience::{retry, timeout};

#[retry]
#[cfg_attr(all(), timeout("1s"))]
#[cfg_attr(any(), timeout("2s"))]
async fn quote() -> Result<u32, resilience::Error> {
    Ok(1)
}

fn main() {
    drop(quote());
    let policies: Vec<_> = resilience::catalog().iter().map(|site| site.policies().len()).collect();
    assert_eq!(policies, [2]);
}
