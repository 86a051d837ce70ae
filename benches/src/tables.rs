//! The tables of `docs/performance.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use crate::beside::{self, OURS, Way, Work};
use crate::drive::RUNTIME;
use crate::measure::{self, Subject};
use crate::{gate, growth, paths, peers};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
const BEGIN: &str = "<!-- From here on written by `-- document`: see \"Measure\" in CONTRIBUTING.md. -->\n";
const END: &str = "<!-- As far as here. -->\n";

/// Puts the tables into the document.
pub fn write() -> Result<(), String> {
    let text = std::fs::read_to_string(DOCUMENT).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        parts.ok_or_else(|| format!("{DOCUMENT}: the marks of the written part are not there"))?;
    let text = format!("{before}{BEGIN}\n{}\n{END}{after}", all()?.trim_end());
    std::fs::write(DOCUMENT, text).map_err(|error| format!("{DOCUMENT}: {error}"))
}

/// What is known of one way.
struct Row {
    way: Way,
    instructions: f64,
    // None of these for what sleeps, or meets another thread in the timer.
    nanoseconds: Option<f64>,
    /// The time as a multiple of this library's quickest way, turn by turn.
    ratio: Option<f64>,
    two_threads: Option<f64>,
    allocations: f64,
    bytes: f64,
}

/// All tables.
pub fn all() -> Result<String, String> {
    // The futures of some are only made where tokio's timers can be had.
    let _inside = RUNTIME.enter();
    let rows = measure_all(&beside::all())?;
    let mut text = format!("Compiled by {}, with", gate::compiler());
    for (index, (name, version)) in versions().iter().enumerate() {
        let _ = write!(text, "{} {name} {version}", if index == 0 { "" } else { "," });
    }
    text.push_str(".\n");
    // What others make the machine do can't be kept out of the times, so it is told beside them.
    if let Some(load) = std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|load| load.split(' ').next().map(str::to_owned))
    {
        let _ = writeln!(
            text,
            "The load of the machine was {load} when the run began. The nearer to zero, the more the columns of time and \
             of two threads say."
        );
    }
    text.push_str("\n## Where another is cheaper\n\n");
    text.push_str(&losses(&rows));
    text.push_str("\n## A call, beside others\n\n");
    for work in Work::ALL {
        comparison(&mut text, *work, &rows);
    }
    text.push_str("## Sizes\n\n| | bytes |\n|---|---:|\n");
    for (what, bytes) in paths::sizes() {
        let _ = writeln!(text, "| {what} | {} |", grouped(bytes as f64));
    }
    for (what, bytes) in growth::held().into_iter().chain(peers::held()) {
        let _ = writeln!(text, "| {what} | {} |", grouped(bytes as f64));
    }
    text.push_str("\n## Growth\n\n");
    growth_tables(&mut text)?;
    Ok(text)
}

/// The comparisons of the ways with this part of a name.
pub fn some(part: &str) -> Result<String, String> {
    let _inside = RUNTIME.enter();
    let ways: Vec<_> = beside::all().into_iter().filter(|way| way.id().contains(part)).collect();
    let rows = measure_all(&ways)?;
    let mut text = String::new();
    for work in Work::ALL.iter().filter(|work| ways.iter().any(|way| way.work == **work)) {
        comparison(&mut text, *work, &rows);
    }
    Ok(text)
}

fn measure_all(ways: &[Way]) -> Result<Vec<Row>, String> {
    let subjects: Vec<_> = ways.iter().map(Way::subject).collect();
    eprintln!("allocations");
    let allocations: Vec<_> = subjects.iter().map(measure::allocations).collect();
    eprintln!("times");
    let times = times(ways);
    eprintln!("two threads");
    let two_threads: Vec<_> = ways
        .iter()
        .zip(&subjects)
        .map(|(way, subject)| {
            (!way.work.needs_the_runtime() && !way.alone).then(|| measure::two_threads(subject))
        })
        .collect();
    eprintln!("instructions");
    let instructions = measure::instructions(&subjects)?;
    let rows = ways.iter().enumerate().map(|(index, way)| Row {
        way: *way,
        instructions: instructions[index],
        nanoseconds: times[index].map(|(nanoseconds, _)| nanoseconds),
        ratio: times[index].and_then(|(_, ratio)| ratio),
        two_threads: two_threads[index],
        allocations: allocations[index].0,
        bytes: allocations[index].1,
    });
    Ok(rows.collect())
}

/// Nanoseconds of each way, and its ratio to the quickest of ours. The ways of one work take turns among themselves, so
/// that what is compared is measured within a few milliseconds.
fn times(ways: &[Way]) -> Vec<Option<(f64, Option<f64>)>> {
    let mut times = vec![None; ways.len()];
    for work in Work::ALL {
        let chosen: Vec<_> =
            (0..ways.len()).filter(|&index| ways[index].work == *work && !ways[index].sleeps).collect();
        let subjects: Vec<_> = chosen.iter().map(|&index| ways[index].subject()).collect();
        let turns = measure::turns(&subjects);
        let medians: Vec<_> = turns.iter().cloned().map(measure::median).collect();
        let ours = (0..chosen.len()).filter(|&place| ways[chosen[place]].is_ours());
        let quickest = ours.min_by(|&one, &other| medians[one].total_cmp(&medians[other]));
        for (place, &index) in chosen.iter().enumerate() {
            let ratio = quickest.map(|ours| measure::ratio(&turns[place], &turns[ours]));
            times[index] = Some((medians[place], ratio));
        }
    }
    times
}

fn comparison(text: &mut String, work: Work, rows: &[Row]) {
    let mut rows: Vec<_> = rows.iter().filter(|row| row.way.work == work).collect();
    // Ours first, then by hand, then the others, the cheapest first.
    let is_peer = |row: &&Row| !row.way.is_ours() && row.way.who != beside::BY_HAND;
    let own = rows.iter().take_while(|row| !is_peer(row)).count();
    rows[own..].sort_by(|a, b| a.instructions.total_cmp(&b.instructions));
    let _ = writeln!(text, "### {}\n", work.title());
    text.push_str("| | | instructions | ns | time | two threads | allocations | bytes | future | |\n");
    text.push_str("|---|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
    for row in rows {
        let name = if row.way.is_ours() { format!("**{OURS}**") } else { row.way.who.to_owned() };
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.way.form,
            grouped(row.instructions),
            row.nanoseconds.map_or_else(String::new, |nanoseconds| format!("{nanoseconds:.1}")),
            row.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} ×")),
            row.two_threads.map_or_else(String::new, |ratio| format!("{ratio:.2} ×")),
            grouped(row.allocations),
            grouped(row.bytes),
            row.way.size.map_or_else(String::new, |size| grouped(size() as f64)),
            row.way.note,
        );
    }
    text.push('\n');
}

/// Every work that another library does in fewer instructions or in less time than the cheapest of our ways.
fn losses(rows: &[Row]) -> String {
    let mut text = String::from(
        "| | instructions: resilience | another | ns: resilience | another | time | |\n|---|---:|---:|---:|---:|---:|---|\n",
    );
    for work in Work::ALL {
        let (ours, others): (Vec<&Row>, Vec<&Row>) = rows
            .iter()
            .filter(|row| row.way.work == *work && row.way.who != beside::BY_HAND)
            .partition(|row| row.way.is_ours());
        let least = |figure: fn(&Row) -> Option<f64>| {
            ours.iter().filter_map(|row| figure(row)).min_by(f64::total_cmp).unwrap_or(f64::NAN)
        };
        let (instructions, nanoseconds) = (least(|row| Some(row.instructions)), least(|row| row.nanoseconds));
        for row in others {
            let is_cheaper = row.instructions.round() < instructions.round();
            if is_cheaper || row.ratio.is_some_and(|ratio| ratio < QUICKER) {
                let Way { who, form, note, .. } = row.way;
                let note = if note.is_empty() { String::new() } else { format!(": {note}") };
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {nanoseconds:.1} | {} | {} | {who}, {form}{note} |",
                    work.title(),
                    grouped(instructions),
                    grouped(row.instructions),
                    row.nanoseconds.map_or_else(String::new, |nanoseconds| format!("{nanoseconds:.1}")),
                    row.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} ×")),
                );
            }
        }
    }
    text
}

/// A ratio of times nearer to one than this is within what two runs of one way differ by.
const QUICKER: f64 = 0.97;

fn growth_tables(text: &mut String) -> Result<(), String> {
    let subjects: Vec<_> = growth::ALL.iter().map(Subject::of).collect();
    eprintln!("growth");
    let nanoseconds = measure::nanoseconds(&subjects);
    // To make a million keys under callgrind takes minutes, and is no news after a thousand.
    let quick: Vec<_> = subjects.iter().filter(|subject| subject.id != "keys_1000000").cloned().collect();
    let mut counts =
        quick.iter().zip(measure::instructions(&quick)?).collect::<Vec<_>>().into_iter().peekable();
    text.push_str("| | instructions | ns | two threads |\n|---|---:|---:|---:|\n");
    for (index, subject) in subjects.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.2} × |",
            growth::title(&subject.id),
            counts
                .next_if(|(counted, _)| counted.id == subject.id)
                .map_or_else(String::new, |(_, count)| grouped(count)),
            nanoseconds[index],
            measure::two_threads(subject)
        );
    }
    text.push_str("\n| annotated functions in the program");
    for heading in SITES_HEADINGS {
        let _ = write!(text, " | {heading}");
    }
    let _ = writeln!(text, " |\n|---:{}|", "|---:".repeat(SITES_HEADINGS.len()));
    for count in ["1", "100", "10000"] {
        eprintln!("{count} sites");
        let figures = sites(count)?;
        let figures: Vec<_> =
            figures.split_whitespace().filter_map(|figure| figure.parse().ok()).map(time).collect();
        let count = grouped(count.parse().expect("a number"));
        let _ = writeln!(text, "| {count} | {} |", figures.join(" | "));
    }
    Ok(())
}

/// What the binary `sites` prints, in its order.
const SITES_HEADINGS: [&str; 7] = [
    "first look-up of a name",
    "first call of a function",
    "later look-ups",
    "later calls",
    "`catalog()`",
    "printing it",
    "`verify()`",
];

fn sites(count: &str) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--features", "sites", "--bin", "sites"])
        .env("SITES", count)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The versions that were measured.
fn versions() -> BTreeMap<String, String> {
    let manifest = include_str!("../Cargo.toml");
    let lock = include_str!("../Cargo.lock");
    let mut versions = BTreeMap::new();
    let mut name = "";
    for line in lock.lines() {
        if let Some(named) = line.strip_prefix("name = ") {
            name = named.trim_matches('"');
        } else if let Some(version) = line.strip_prefix("version = ")
            && manifest
                .lines()
                .any(|line| line.starts_with(&format!("{name} = ")) && line.contains("version"))
            && !name.starts_with("allocation")
        {
            versions.insert(name.to_owned(), version.trim_matches('"').to_owned());
        }
    }
    versions
}

/// With a comma after every third digit; as many decimals as say something.
fn grouped(figure: f64) -> String {
    if figure.fract() > 0.05 && figure < 10.0 {
        return format!("{figure:.1}");
    }
    let digits = format!("{:.0}", figure.round());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// From nanoseconds.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        ..1e9 => format!("{:.1} ms", nanoseconds / 1e6),
        _ => format!("{:.1} s", nanoseconds / 1e9),
    }
}
