//! `cargo xtask bench site`: the pages of thousands of sessions, built whole and
//! one at a time, beside the same pages by Nuxt.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::Session;
use crate::bench::build;
use crate::process::{LOOK_EVERY, make_folder, remove_folder, run_shown, tail};

/// The benchmarks' feature and program that renders.
const FEATURE: &str = "site";
const PROGRAM: &str = "seisiun-bench-site";

/// Nuxt's side: its pinned packages and its pages.
const NUXT: &str = "benches/nuxt";

/// Pages of a build: what time and memory do between them tells whether they
/// grow as the pages do.
const COUNTS: [usize; 2] = [2_000, 20_000];

/// A disk of memory. Perseus asks the disk after every file whether it is safely
/// there, which a build that begins anew after a loss has no use for: a figure
/// should be of the work, not of the disk.
const MEMORY_DISK: &str = "/dev/shm";

/// What a build took.
#[derive(Debug, Clone)]
struct Built {
    by: String,
    pages: usize,
    seconds: f64,
    /// The most memory that it had at once.
    peak_bytes: u64,
    /// Of what was written, in all.
    bytes: u64,
    files: u64,
}

/// What our program says of a build, or of single pages.
#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    peak_bytes: u64,
    #[serde(default)]
    median: f64,
    #[serde(default)]
    p95: f64,
}

/// Runs both sides and prints the table.
pub(crate) fn bench(session: &Session) -> Result<bool> {
    let place = folder(session)?;
    let built = measure(session, &place);
    remove_folder(&place)?;
    println!("\n{}", built?);
    Ok(true)
}

/// A folder for what is built, in memory where the machine has such a disk.
fn folder(session: &Session) -> Result<PathBuf> {
    let memory = Path::new(MEMORY_DISK);
    let place = if memory.is_dir() {
        memory.join(format!("seisiun-bench-{}", std::process::id()))
    } else {
        session.progress.say("No disk of memory here: the figures are of the disk as well");
        session.layout.private().join("bench-site")
    };
    remove_folder(&place)?;
    make_folder(&place.join("tmp"))?;
    Ok(place)
}

fn measure(session: &Session, place: &Path) -> Result<String> {
    let program = build(session, FEATURE, PROGRAM)?;
    let (node, packages) = session.tools().npm_packages("nuxt", NUXT, &[])?;
    let ours = |count: usize, what: &str, out: &Path| {
        let mut command = Command::new(&program);
        command.arg("--count").arg(count.to_string()).arg(what).arg(out);
        command.env("TMPDIR", place.join("tmp"));
        command
    };

    let mut rows = Vec::new();
    for count in COUNTS {
        let out = place.join("ours");
        rows.push(session.progress.step(format!("{count} pages"), || {
            let said = say(session, &mut ours(count, "build", &out))?;
            let (files, bytes) = weigh(&out)?;
            let Said { seconds, peak_bytes, .. } = said;
            Ok(Built { by: "seisiun".into(), pages: count, seconds, peak_bytes, bytes, files })
        })?);
        remove_folder(&out)?;
    }
    let out = place.join("single");
    let single = session
        .progress
        .step("Single pages", || say(session, &mut ours(COUNTS[0], "single", &out)))?;
    remove_folder(&out)?;
    for count in COUNTS {
        let data = place.join("data");
        say(session, &mut ours(count, "data", &data))?;
        let out = place.join("theirs");
        rows.push(session.progress.step(format!("{count} pages by Nuxt"), || {
            nuxt(session, &node, &packages, &data, &out, count)
        })?);
        remove_folder(&out)?;
        remove_folder(&data)?;
    }
    Ok(table(&rows, &single))
}

/// Runs our program to its end and reads what it says.
fn say(session: &Session, command: &mut Command) -> Result<Said> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("the program that renders cannot be run")?;
    let stdout = child.stdout.take().context("it has no output")?;
    // A line or nothing: no more than fits into the pipe.
    let status = session.interrupt.wait(&mut child)?;
    if !status.success() {
        bail!("the program that renders ended with {status}");
    }
    let text = std::io::read_to_string(stdout).context("its answer cannot be read")?;
    if text.trim().is_empty() {
        return Ok(Said { seconds: 0.0, peak_bytes: 0, median: 0.0, p95: 0.0 });
    }
    serde_json::from_str(&text).context("its answer is no JSON")
}

/// Has Nuxt generate the same pages.
fn nuxt(
    session: &Session,
    node: &Path,
    packages: &Path,
    data: &Path,
    out: &Path,
    count: usize,
) -> Result<Built> {
    let source = session.layout.root().join(NUXT);
    // It wants its pages beside its packages.
    for (from, to) in [("nuxt.config.ts", "nuxt.config.ts"), ("app", "app")] {
        let mut copy = Command::new("cp");
        copy.arg("-rT").arg(source.join(from)).arg(packages.join(to));
        if !run_shown(&mut copy, &session.interrupt)?.success() {
            bail!("{from} cannot be copied");
        }
    }
    remove_folder(&packages.join(".nuxt"))?;
    let log = session.layout.private().join("log/bench-nuxt.log");
    make_folder(log.parent().context("the log has no folder")?)?;
    let output = std::fs::File::create(&log).context("the log cannot be made")?;
    let began = Instant::now();
    let mut child = Command::new(node)
        // Twenty thousand pages do not fit into what it would allow itself.
        .arg("--max-old-space-size=16000")
        .arg(packages.join("node_modules/nuxt/bin/nuxt.mjs"))
        .arg("generate")
        .current_dir(packages)
        .env("BENCH_DATA", data)
        .env("BENCH_OUT", out)
        .env("NUXT_TELEMETRY_DISABLED", "1")
        .env("NODE_ENV", "production")
        .stdin(Stdio::null())
        .stdout(output.try_clone().context("the log cannot be shared")?)
        .stderr(output)
        .spawn()
        .context("Nuxt cannot be run")?;
    let peak_bytes = watched(session, &mut child)?;
    let seconds = began.elapsed().as_secs_f64();
    let (files, bytes) = weigh(&out.join("public"))?;
    let pages = html_pages(&out.join("public/sessions"))?;
    if pages != count || peak_bytes == 0 {
        bail!("Nuxt made {pages} pages of {count}; the end of its log:\n{}", tail(&log));
    }
    let manifest = std::fs::read(packages.join("node_modules/nuxt/package.json"))?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let version = manifest.get("version").and_then(|version| version.as_str()).unwrap_or("?");
    Ok(Built { by: format!("nuxt {version}"), pages, seconds, peak_bytes, bytes, files })
}

/// Waits for a program's end; the most memory that it had, as the kernel keeps it
/// for as long as the program runs.
fn watched(session: &Session, child: &mut Child) -> Result<u64> {
    let mut peak = 0;
    loop {
        peak = peak_of(child.id()).unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait().context("cannot wait for Nuxt")? {
            if !status.success() {
                bail!("Nuxt ended with {status}: see .local/log/bench-nuxt.log");
            }
            return Ok(peak);
        }
        if session.interrupt.asked() {
            child.kill().context("cannot end Nuxt")?;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn peak_of(pid: u32) -> Option<u64> {
    peak_in(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// How many files are in a folder, and their bytes.
fn weigh(folder: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let about = entry.metadata()?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += about.len();
            }
        }
    }
    Ok((files, bytes))
}

/// How many folders with a page are in a folder.
fn html_pages(folder: &Path) -> Result<usize> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    Ok(entries.flatten().filter(|entry| entry.path().join("index.html").is_file()).count())
}

fn table(rows: &[Built], single: &Said) -> String {
    let mut lines = vec![format!(
        "{:<14}{:>8}{:>10}{:>12}{:>12}{:>12}{:>10}{:>14}",
        "", "pages", "seconds", "ms a page", "peak, MB", "all, MB", "files", "bytes a page"
    )];
    for row in rows {
        let pages = row.pages as f64;
        lines.push(format!(
            "{:<14}{:>8}{:>10.2}{:>12.2}{:>12.0}{:>12.1}{:>10}{:>14.0}",
            row.by,
            row.pages,
            row.seconds,
            row.seconds / pages * 1e3,
            row.peak_bytes as f64 / 1e6,
            row.bytes as f64 / 1e6,
            row.files,
            row.bytes as f64 / pages,
        ));
    }
    if let [few, many, their_few, their_many] = rows {
        let times = |a: &Built, b: &Built| b.seconds / a.seconds;
        lines.push(String::new());
        lines.push(format!(
            "ten times the pages: {:.1} times the time ({}), {:.1} ({})",
            times(few, many),
            few.by,
            times(their_few, their_many),
            their_few.by
        ));
        for (ours, theirs) in [(few, their_few), (many, their_many)] {
            lines.push(format!(
                "ours ÷ theirs at {}: time {:.3}, memory {:.3}, bytes {:.2}",
                ours.pages,
                ours.seconds / theirs.seconds,
                ours.peak_bytes as f64 / theirs.peak_bytes as f64,
                ours.bytes as f64 / theirs.bytes as f64,
            ));
        }
    }
    lines.push(format!(
        "one page, rendered and written: {:.1} ms, 95 of 100 within {:.1} ms",
        single.median * 1e3,
        single.p95 * 1e3
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_the_peak() {
        let status = "Name:\tnode\nVmPeak:\t  99 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak_in(status), Some(2048 * 1024));
        assert_eq!(peak_in("Name:\tnode\n"), None);
        assert!(peak_of(std::process::id()).is_some_and(|bytes| bytes > 0));
    }

    #[test]
    fn ratios_are_ours_by_theirs() {
        let built = |by: &str, pages: usize, seconds: f64| Built {
            by: by.into(),
            pages,
            seconds,
            peak_bytes: 1_000_000,
            bytes: 5_000 * pages as u64,
            files: 2 * pages as u64,
        };
        let rows = [
            built("seisiun", 2_000, 1.0),
            built("seisiun", 20_000, 10.5),
            built("nuxt", 2_000, 10.0),
            built("nuxt", 20_000, 105.0),
        ];
        let single = Said { seconds: 0.0, peak_bytes: 0, median: 0.019, p95: 0.025 };
        let text = table(&rows, &single);
        assert!(text.contains("10.5 times the time (seisiun), 10.5 (nuxt)"), "{text}");
        assert!(text.contains("at 20000: time 0.100, memory 1.000, bytes 1.00"), "{text}");
        assert!(text.ends_with("19.0 ms, 95 of 100 within 25.0 ms"), "{text}");
    }
}
