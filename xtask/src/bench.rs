//! `cargo xtask bench`: what matters, measured beside a peer in the same run.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::Session;
use crate::package::cargo;
use crate::process::run_shown;

/// The package of the benchmarks.
pub(crate) const PACKAGE: &str = "seisiun-bench";
/// The feature that those beside a peer are built with.
const FEATURE: &str = "peers";

/// What our own side of a comparison is called.
const OURS: &str = "seisiun";

/// How the memory benchmark's line begins.
const MEMORY: &str = "memory\t";

/// Nanoseconds in the units that times are shown in.
const UNITS: [(f64, &str); 3] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    what: String,
    ours: String,
    peer: Option<Peer>,
}

/// What a peer took for the same.
#[derive(Debug, Clone, PartialEq)]
struct Peer {
    name: String,
    figure: String,
    /// Ours divided by theirs: below 1 we are quicker, or smaller.
    ratio: f64,
}

/// Builds a program of the benchmarks as functions are built for a deployment.
pub(crate) fn build(session: &Session, feature: &str, program: &str) -> Result<PathBuf> {
    let root = session.layout.root();
    session.progress.step(format!("{program}, built as what is deployed"), || {
        let mut build = Command::new(cargo());
        build.args(["build", "--release", "--quiet", "--package", PACKAGE]);
        build.args(["--features", feature, "--bin", program]).current_dir(root);
        if !run_shown(&mut build, &session.interrupt)?.success() {
            bail!("the build failed");
        }
        Ok(())
    })?;
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |dir| root.join(dir));
    Ok(target.join("release").join(program))
}

/// Runs every benchmark and prints the table; whether all ran.
pub(crate) fn bench(session: &Session) -> Result<bool> {
    let figures = session.layout.root().join("target/criterion");
    // Figures of an earlier run must not pass for this one's.
    crate::process::remove_folder(&figures)?;
    let mut memory = Vec::new();
    let status = session.progress.step("Benchmarks", || {
        let mut child = Command::new(cargo())
            .args(["bench", "--package", PACKAGE, "--features", FEATURE, "--benches"])
            .current_dir(session.layout.root())
            .env("CRITERION_HOME", &figures)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run cargo")?;
        let stdout = child.stdout.take().context("cargo has no output")?;
        let (lines, status) = std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let lines = BufReader::new(stdout).lines().map_while(Result::ok);
                let shown = lines.inspect(|line| println!("{line}"));
                shown.filter(|line| line.starts_with(MEMORY)).collect::<Vec<_>>()
            });
            let status = session.interrupt.wait(&mut child);
            (reader.join(), status)
        });
        memory = lines.map_err(|_| anyhow::anyhow!("reading the benchmarks' output failed"))?;
        status
    })?;
    if !status.success() {
        bail!("the benchmarks failed");
    }
    let mut rows = times(&figures)?;
    for line in &memory {
        rows.push(memory_row(line).with_context(|| format!("\"{line}\" has no figures"))?);
    }
    println!("\n{}", table(&rows));
    Ok(!rows.is_empty())
}

/// The times that criterion has written, one row for each group.
fn times(figures: &Path) -> Result<Vec<Row>> {
    let mut groups: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for benchmark in crate::check::files_under(figures, "benchmark.json")? {
        let Some(folder) = benchmark.parent().filter(|folder| folder.ends_with("new")) else {
            continue;
        };
        let read = |file: &Path| -> Result<Json> {
            let text =
                std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))
        };
        let (named, estimates) = (read(&benchmark)?, read(&folder.join("estimates.json"))?);
        let text = |name: &str| named.get(name).and_then(Json::as_str).map(str::to_owned);
        let nanoseconds = estimates.pointer("/median/point_estimate").and_then(Json::as_f64);
        let group = text("group_id").context("a benchmark has no name")?;
        let function = text("function_id").unwrap_or_else(|| OURS.to_owned());
        let nanoseconds = nanoseconds.with_context(|| format!("{group} has no median"))?;
        groups.entry(group).or_default().push((function, nanoseconds));
    }
    groups.into_iter().map(|(what, measured)| time_row(what, &measured)).collect()
}

fn time_row(what: String, measured: &[(String, f64)]) -> Result<Row> {
    let ours = measured.iter().find(|(name, _)| name == OURS);
    let (_, ours) = ours.with_context(|| format!("{what} has no figure of ours"))?;
    let peer = measured.iter().find(|(name, _)| name != OURS).map(|(name, theirs)| Peer {
        name: name.clone(),
        figure: time(*theirs),
        ratio: ours / theirs,
    });
    Ok(Row { what, ours: time(*ours), peer })
}

/// What the memory benchmark's line says: what, peer, our figure, theirs, ratio.
fn memory_row(line: &str) -> Option<Row> {
    let mut parts = line.strip_prefix(MEMORY)?.split('\t').map(str::to_owned);
    let (what, name, ours, figure) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let ratio = parts.next()?.parse().ok()?;
    Some(Row { what: format!("{what}, memory"), ours, peer: Some(Peer { name, figure, ratio }) })
}

fn time(nanoseconds: f64) -> String {
    let unit = UNITS.iter().find(|(size, _)| nanoseconds >= *size);
    match unit {
        Some((size, name)) => format!("{:.2} {name}", nanoseconds / size),
        None => format!("{nanoseconds:.0} ns"),
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines =
        vec![format!("{:<40}{:>12}{:>20}{:>14}", "median", OURS, "peer", "ours ÷ peer")];
    for Row { what, ours, peer } in rows {
        lines.push(match peer {
            None => format!("{what:<40}{ours:>12}"),
            Some(Peer { name, figure, ratio }) => {
                format!("{what:<40}{ours:>12}{:>20}{ratio:>14.2}", format!("{name} {figure}"))
            }
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::write_whole;

    #[test]
    fn a_ratio_is_ours_by_theirs() {
        let folder = tempfile::tempdir().unwrap();
        for (function, nanoseconds) in [("seisiun", 150e6), ("image", 600e6)] {
            let new = folder.path().join("prepare").join(function).join("new");
            let named = format!(r#"{{"group_id":"prepare","function_id":"{function}"}}"#);
            let median = format!(r#"{{"median":{{"point_estimate":{nanoseconds}}}}}"#);
            write_whole(&new.join("benchmark.json"), named.as_bytes()).unwrap();
            write_whole(&new.join("estimates.json"), median.as_bytes()).unwrap();
        }
        let rows = times(folder.path()).unwrap();
        let peer = Peer { name: "image".to_owned(), figure: "600.00 ms".to_owned(), ratio: 0.25 };
        let expected =
            Row { what: "prepare".to_owned(), ours: "150.00 ms".to_owned(), peer: Some(peer) };
        assert_eq!(rows, [expected]);
        assert!(table(&rows).ends_with("image 600.00 ms          0.25"), "{}", table(&rows));
    }

    #[test]
    fn the_memory_line_is_a_row() {
        let row = memory_row("memory\tprepare\timage\t90.0 MB\t120.0 MB\t0.75").unwrap();
        assert_eq!(row.peer.unwrap().ratio, 0.75);
        assert_eq!(memory_row("memory\tprepare\timage"), None);
        assert_eq!(memory_row("time\tprepare"), None);
    }

    #[test]
    fn a_time_has_a_readable_unit() {
        let times = [2.5e9, 2.5e6, 2.5e3, 25.0].map(time);
        assert_eq!(times, ["2.50 s", "2.50 ms", "2.50 µs", "25 ns"]);
    }
}
