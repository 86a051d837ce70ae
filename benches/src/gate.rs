//! The gate: no path may cost more than its recorded ceiling.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use crate::measure::{self, Subject};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ceilings.txt");

/// What stands at the top of the file.
const HEADER: &str = "\
# What each path of this library may cost at most: some per cent above what it cost when the line was written.
#
# `cargo run --release --manifest-path benches/Cargo.toml -- check` fails where a figure is above its ceiling, and
# `-- record` adds what is missing and lowers what has become cheaper. Nothing raises a ceiling but a person, who says
# at the end of the line why that is worth it.
#
# Instructions are those of callgrind, and of one compiler:
";

/// One line of the file.
#[derive(Clone, Debug)]
struct Ceiling {
    most: u64,
    why: String,
}

/// What is counted, and of what.
type Figure = (&'static str, String);

const INSTRUCTIONS: &str = "instructions";
const ALLOCATIONS: &str = "allocations";
const BYTES: &str = "bytes";

/// Fails with every figure that is above its ceiling.
pub fn check(subjects: &[Subject], bytes: &[(String, u64)]) -> Result<(), String> {
    let (compiler, ceilings) = read()?;
    let this_compiler = self::compiler();
    let same_compiler = compiler == this_compiler;
    let figures = measure(subjects, bytes)?;
    let mut faults = Vec::new();
    for ((what, path), figure) in &figures {
        let Some(ceiling) = ceilings.get(&(*what, path.clone())) else {
            faults.push(format!("{path}: {figure} {what}, and no ceiling; `record` adds one"));
            continue;
        };
        if *figure <= ceiling.most {
            continue;
        }
        let fault = format!("{path}: {figure} {what}, and the ceiling is {}", ceiling.most);
        if same_compiler || *what == ALLOCATIONS {
            faults.push(fault);
        } else {
            println!("warning: {fault}");
        }
    }
    let counted = |what| what != INSTRUCTIONS || measure::can_count();
    for (what, path) in ceilings.keys().filter(|&key| counted(key.0) && !figures.contains_key(key)) {
        faults.push(format!("{path}: a ceiling of {what} for a path that isn't there"));
    }
    if !same_compiler {
        println!(
            "The ceilings are those of {compiler}, and this is {this_compiler}: code it makes larger is no fault."
        );
    }
    if faults.is_empty() {
        println!("{} figures, none above its ceiling", figures.len());
        return Ok(());
    }
    faults.push(format!("the ceilings stand in {FILE}, and what they are about in CONTRIBUTING.md"));
    Err(faults.join("\n"))
}

/// Writes today's ceilings where there are none, and lowers those that are too high by now.
pub fn record(subjects: &[Subject], bytes: &[(String, u64)]) -> Result<(), String> {
    if !measure::can_count() {
        return Err(
            "valgrind isn't installed, and half of the ceilings are counts of instructions".to_owned()
        );
    }
    let (compiler, old) = read().unwrap_or_default();
    let same_compiler = compiler == self::compiler();
    let figures = measure(subjects, bytes)?;
    let mut file = format!("{HEADER}compiler {}\n", self::compiler());
    for what in [INSTRUCTIONS, ALLOCATIONS, BYTES] {
        let _ = writeln!(file);
        for ((_, path), figure) in figures.iter().filter(|((of, _), _)| *of == what) {
            let most = if what == INSTRUCTIONS { with_margin(*figure) } else { *figure };
            let before = old.get(&(what, path.clone())).filter(|_| same_compiler || what == ALLOCATIONS);
            let ceiling = before.filter(|ceiling| ceiling.most <= most).map_or(most, |ceiling| ceiling.most);
            let why = before.map_or("", |ceiling| ceiling.why.as_str());
            let line = format!("{what:<12} {path:<64} {ceiling:>8} {why}");
            let _ = writeln!(file, "{}", line.trim_end());
        }
    }
    std::fs::write(FILE, file).map_err(|error| format!("{FILE}: {error}"))
}

/// Four per cent, for code that lies a little differently after a change of something else, and never less than two
/// instructions.
fn with_margin(figure: u64) -> u64 {
    figure + (figure * 4 / 100).max(2)
}

fn measure(subjects: &[Subject], bytes: &[(String, u64)]) -> Result<BTreeMap<Figure, u64>, String> {
    let mut figures = BTreeMap::new();
    for subject in subjects {
        let (allocations, _) = measure::allocations(subject);
        // Less than one in a hundred calls is the set-up's: opening a circuit is remembered, now and then in more room.
        figures.insert((ALLOCATIONS, subject.id.clone()), (allocations - 0.01).ceil() as u64);
    }
    for (what, held) in bytes {
        figures.insert((BYTES, what.replace(", ", "_").replace(' ', "_")), *held);
    }
    if measure::can_count() {
        for (subject, count) in subjects.iter().zip(measure::instructions(subjects)?) {
            figures.insert((INSTRUCTIONS, subject.id.clone()), count.round() as u64);
        }
    } else {
        println!("valgrind isn't installed: allocations and sizes are checked, instructions are not");
    }
    Ok(figures)
}

/// The compiler that the ceilings are for, and the ceilings.
fn read() -> Result<(String, BTreeMap<Figure, Ceiling>), String> {
    let text = std::fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
    let mut compiler = String::new();
    let mut ceilings = BTreeMap::new();
    for (index, line) in
        text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some(named) = line.strip_prefix("compiler ") {
            compiler = named.to_owned();
            continue;
        }
        let mut words = line.split_whitespace();
        let (what, path, most) =
            (words.next(), words.next(), words.next().and_then(|most| most.parse().ok()));
        let what = [INSTRUCTIONS, ALLOCATIONS, BYTES].into_iter().find(|&known| Some(known) == what);
        let (Some(what), Some(path), Some(most)) = (what, path, most) else {
            return Err(format!(
                "{FILE}:{}: not `instructions|allocations|bytes PATH CEILING [REASON]`",
                index + 1
            ));
        };
        let why = words.collect::<Vec<_>>().join(" ");
        ceilings.insert((what, path.to_owned()), Ceiling { most, why });
    }
    Ok((compiler, ceilings))
}

/// The compiler in use, as far as code depends on it.
pub fn compiler() -> String {
    let output =
        Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&output);
    let version = version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    format!("{version} {}-{}", std::env::consts::ARCH, std::env::consts::OS)
}
