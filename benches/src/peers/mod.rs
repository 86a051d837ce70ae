//! The libraries that users would take instead, each used as its documentation recommends.

mod breakers;
mod limits;
mod retries;
mod seatbelt;
mod tower;

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::beside::Way;

pub fn all() -> impl Iterator<Item = &'static Way> {
    [breakers::ALL, retries::ALL, limits::ALL, seatbelt::ALL, tower::ALL].into_iter().flatten()
}

/// Bytes that each of their instances holds.
pub fn held() -> Vec<(&'static str, u64)> {
    breakers::held().into_iter().chain(limits::held()).collect()
}

/// What `make` makes, once for the program: for types that have no name, and so can't be in a static.
fn shared<S: Send + Sync + 'static, F: Fn() -> S + 'static>(make: F) -> &'static S {
    static ALL: Mutex<BTreeMap<TypeId, &'static (dyn Any + Send + Sync)>> = Mutex::new(BTreeMap::new());
    // Each closure has a type of its own.
    let mut all = ALL.lock().expect("nothing panics in here");
    let found = *all.entry(TypeId::of::<F>()).or_insert_with(|| Box::leak(Box::new(make())));
    found.downcast_ref().expect("made by the same closure")
}
