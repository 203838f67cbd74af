//! Running other programs: to their end, or as services that we stop again.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How often we look whether something has happened.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How much of a log a failure shows.
const TAIL_BYTES: u64 = 4_000;

/// How long a program that was told to stop may take before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Whether somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal).
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in
            [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
        {
            signal_hook::flag::register(signal, Arc::clone(&asked))
                .context("cannot listen for signals")?;
        }
        Ok(Self(asked))
    }

    /// Whether we were asked to stop.
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error if we were asked to stop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.asked() {
            bail!("interrupted");
        }
        Ok(())
    }

    /// Waits for the child to end; an interrupt ends it.
    pub(crate) fn wait(&self, child: &mut Child) -> Result<ExitStatus> {
        let mut since_interrupt = Duration::ZERO;
        loop {
            if let Some(status) = child.try_wait().context("cannot wait for a program")? {
                self.check()?;
                return Ok(status);
            }
            if self.asked() {
                if since_interrupt.is_zero() {
                    signal_process(child.id(), rustix::process::Signal::TERM);
                } else if since_interrupt > STOP_PATIENCE {
                    child.kill().context("cannot end a program")?;
                }
                since_interrupt += LOOK_EVERY;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// Runs a program whose output goes to a log; a failure shows the log's end.
pub(crate) fn run_logged(command: &mut Command, log: &Path, interrupt: &Interrupt) -> Result<()> {
    let output = append_to(log)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.try_clone().context("cannot share the log")?)
        .stderr(output)
        .spawn()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    let status = interrupt.wait(&mut child)?;
    if !status.success() {
        bail!(
            "`{}` ended with {status}; the end of {}:\n{}",
            shown(command),
            log.display(),
            tail(log)
        );
    }
    Ok(())
}

/// Runs a program in front of the developer.
pub(crate) fn run_shown(command: &mut Command, interrupt: &Interrupt) -> Result<ExitStatus> {
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    interrupt.wait(&mut child)
}

/// Runs a short program and returns what it printed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", shown(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}: {}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` did not print text", shown(command)))
}

/// Opens a log to write at its end, making its folder.
pub(crate) fn append_to(log: &Path) -> Result<File> {
    if let Some(folder) = log.parent() {
        make_folder(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Removes a folder with everything in it, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Removes a file, if it is there.
pub(crate) fn remove_file(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a file so that a reader sees either the old content or the new.
pub(crate) fn write_whole(file: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let new = file.with_file_name(name);
    std::fs::write(&new, content).with_context(|| format!("cannot write {}", new.display()))?;
    std::fs::rename(&new, file).with_context(|| format!("cannot write {}", file.display()))
}

/// The end of a log, or why there is none.
pub(crate) fn tail(log: &Path) -> String {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    };
    read().unwrap_or_else(|error| format!("(no log: {error})"))
}

/// Sends a signal to one process, which may be gone already.
pub(crate) fn signal_process(pid: u32, signal: rustix::process::Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        // Gone already is what a stop wants.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Kills whatever is left of the process group that this process led.
pub(crate) fn kill_group(leader: u32) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw) {
        // Nothing left is what we hope for.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

/// When a process was started, in the kernel's ticks since boot: with its id
/// it names one process for ever. `None` if it has ended (a zombie has ended).
pub(crate) fn birth(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    birth_in_stat(&stat)
}

fn birth_in_stat(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything, so count from its end: the
    // state is the first field after it, the start time the twentieth.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// A command as a person would read it.
fn shown(command: &Command) -> String {
    let mut text = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_birth_and_a_zombie_has_none() {
        let running = "42 (odd) name) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 777 1000 9";
        assert_eq!(birth_in_stat(running), Some(777));
        assert_eq!(birth_in_stat(&running.replace(") S", ") Z")), None);
        assert!(birth(std::process::id()).is_some());
    }

    #[test]
    fn a_failure_shows_the_end_of_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("deep/one.log");
        let interrupt = Interrupt(Arc::new(AtomicBool::new(false)));
        let error = run_logged(
            Command::new("sh").args(["-c", "echo the reason >&2; exit 3"]),
            &log,
            &interrupt,
        )
        .unwrap_err();
        assert!(error.to_string().contains("the reason"), "{error}");
        assert!(error.to_string().contains("exit status: 3"), "{error}");
    }

    #[test]
    fn an_interrupt_ends_what_runs() {
        let interrupt = Interrupt(Arc::new(AtomicBool::new(true)));
        let error = run_shown(Command::new("sleep").arg("60"), &interrupt).unwrap_err();
        assert_eq!(error.to_string(), "interrupted");
    }

    #[test]
    fn a_whole_write_leaves_no_trace_of_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/run.json");
        write_whole(&file, b"{}").unwrap();
        write_whole(&file, b"{\"a\":1}").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"{\"a\":1}");
        assert_eq!(std::fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
    }
}
