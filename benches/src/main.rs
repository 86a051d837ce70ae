//! What a call costs, here and in the libraries that users would take instead.

// Without the others there is nothing to compare with.
#![cfg_attr(not(feature = "peers"), allow(dead_code))]

mod beside;
mod drive;
mod gate;
mod growth;
mod measure;
mod paths;
#[cfg(feature = "peers")]
mod peers;
#[cfg(feature = "peers")]
mod tables;

use std::process::ExitCode;

use beside::Way;
use measure::Subject;

pub(crate) use drive::{block_on as in_tokio, drive, repeat};

const USAGE: &str = "usage: list | count [PART_OF_A_NAME] | sizes | allocations | scaling [PATH]... | check | record | \
                     instructions PATH CALLS; with the feature `peers` also: \
                     beside PART_OF_A_NAME | tables | document";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), String> {
    match *arguments {
        ["list"] => subjects().iter().for_each(|subject| println!("{}", subject.id)),
        // What callgrind is made to watch.
        ["instructions", path, calls] => {
            let calls = calls.parse().map_err(|error| format!("{calls}: {error}"))?;
            let found = subjects().into_iter().find(|subject| subject.id == path);
            found.ok_or_else(|| format!("no path is called {path}; see `list`"))?.call(calls);
        }
        ["count"] => count(&gated())?,
        ["count", part] => {
            let chosen: Vec<_> = subjects().into_iter().filter(|subject| subject.id.contains(part)).collect();
            count(&chosen)?;
        }
        ["sizes"] => sizes().iter().for_each(|(what, bytes)| println!("{what:<64}{bytes:>10} bytes")),
        ["check"] => gate::check(&gated(), &sizes())?,
        ["record"] => gate::record(&gated(), &sizes())?,
        #[cfg(feature = "peers")]
        ["beside", part] => print!("{}", tables::some(part)?),
        #[cfg(feature = "peers")]
        ["tables"] => print!("{}", tables::all()?),
        #[cfg(feature = "peers")]
        ["document"] => tables::write()?,
        ["allocations"] => {
            for subject in subjects() {
                let (allocations, bytes) = measure::allocations(&subject);
                println!("{:<56}{allocations:>8.1}{bytes:>10.1} bytes", subject.id);
            }
        }
        ["scaling", ref only @ ..] => {
            // Whatever is asked for, beside it what the machine gives to calls that share nothing.
            let asked = |id: &str| only.is_empty() || id == "sync_bare" || only.contains(&id);
            for subject in subjects().into_iter().filter(|subject| !subject.sleeps && asked(&subject.id)) {
                println!("{:<56}{:>8.2}", subject.id, measure::two_threads(&subject));
            }
        }
        _ => return Err(USAGE.to_owned()),
    }
    Ok(())
}

/// All that can be measured.
fn subjects() -> Vec<Subject> {
    let named = paths::ALL.iter().chain(growth::ALL).map(Subject::of);
    named.chain(beside::all().iter().map(Way::subject)).collect()
}

/// What the gate watches: the attributes by themselves, and our part of what is compared and of what grows.
fn gated() -> Vec<Subject> {
    let growth = growth::ALL.iter().filter(|(name, _)| growth::GATED.contains(name));
    let named = paths::ALL.iter().chain(growth).map(Subject::of);
    // A map with random seeds doesn't make the same instructions in every run.
    named.chain(beside::ours::ALL.iter().filter(|way| !way.varies).map(Way::subject)).collect()
}

/// Bytes of futures and of instances.
fn sizes() -> Vec<(String, u64)> {
    let futures = paths::sizes().into_iter().map(|(what, bytes)| (what.to_owned(), bytes as u64));
    let held = growth::held().into_iter().map(|(what, bytes)| (what.to_owned(), bytes));
    let ways = beside::ours::ALL
        .iter()
        .filter_map(|way| Some((format!("future of {}", way.id()), way.size?() as u64)));
    futures.chain(held).chain(ways).collect()
}

fn count(subjects: &[Subject]) -> Result<(), String> {
    for (subject, count) in subjects.iter().zip(measure::instructions(subjects)?) {
        println!("{:<56}{count:>10.1}", subject.id);
    }
    Ok(())
}
