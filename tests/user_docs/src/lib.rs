//! A module for each source file of the runtime that shows examples. `build.rs` makes them.

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
