//! A library that re-exports the attributes says where they are.

mod reexported {
    pub use resilience::*;
}

#[reexported::retry(crate = crate::reexported, base_delay = "0s")]
#[reexported::timeout("1s", mode = "cooperative")]
fn quote(symbol: &str) -> Result<usize, reexported::Error> {
    Ok(symbol.len())
}

fn main() {
    assert_eq!(quote("ACME"), Ok(4));
}
