//! The processes of a running stack: started, watched, bounced, stopped.
//!
//! Each is written down with the command that starts it (`processes.json`), so
//! that a test or a drill can end one outright and start it again while
//! `cargo xtask up` goes on watching.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::process::{
    Interrupt, LOOK_EVERY, append_to, birth, kill_group, remove_file, signal_process, tail,
    write_whole,
};

/// How long a probe of a service may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a service that somebody else bounces may be away.
const BOUNCE_PATIENCE: Duration = Duration::from_secs(90);

/// How one knows that a service can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ready {
    /// It answers 200 to `GET` here.
    Http {
        /// Host and port.
        address: String,
        /// Path to ask for.
        path: String,
    },
    /// It has written this file.
    File(PathBuf),
}

/// How a service is started and stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// What we call it.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// Its whole environment: nothing of ours is passed on.
    pub(crate) env: BTreeMap<String, String>,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// How one knows that it can be used.
    pub(crate) ready: Ready,
    /// How long it may take to get ready.
    pub(crate) start_patience_seconds: u64,
    /// How long it may take to stop once asked.
    pub(crate) stop_patience_seconds: u64,
}

/// A service that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    spec: Spec,
    pid: u32,
    born: Option<u64>,
    /// Somebody is bouncing it, so that it's being away is no failure.
    bouncing: bool,
}

impl Entry {
    fn lives(&self) -> bool {
        self.born.is_some() && birth(self.pid) == self.born
    }
}

/// The services of one instance, in the order in which they were started.
#[derive(Debug)]
pub(crate) struct Services {
    file: PathBuf,
    children: Vec<Child>,
}

impl Services {
    /// Those written down in this file: perhaps none yet.
    pub(crate) fn open(file: PathBuf) -> Self {
        Self { file, children: Vec::new() }
    }

    /// Names of those that live.
    pub(crate) fn living(&self) -> Result<Vec<String>> {
        let entries = self.read()?.into_iter();
        Ok(entries.filter(Entry::lives).map(|entry| entry.spec.name).collect())
    }

    /// The id of a service's process.
    #[cfg(test)]
    fn pid(&self, name: &str) -> Result<u32> {
        Ok(self.entry(name)?.pid)
    }

    /// Starts a service, without waiting for it to get ready.
    pub(crate) fn start(&mut self, spec: Spec) -> Result<()> {
        let mut entries = self.read()?;
        entries.retain(|entry| entry.spec.name != spec.name);
        let child = spawn(&spec)?;
        let pid = child.id();
        self.children.push(child);
        entries.push(Entry { spec, pid, born: birth(pid), bouncing: false });
        self.write(&entries)
    }

    /// Waits until a service can be used.
    pub(crate) fn wait_ready(&mut self, name: &str, interrupt: &Interrupt) -> Result<()> {
        let spec = self.entry(name)?.spec;
        let patience = Duration::from_secs(spec.start_patience_seconds);
        let began = Instant::now();
        loop {
            interrupt.check()?;
            if is_ready(&spec.ready) {
                return Ok(());
            }
            self.reap();
            if !self.entry(name)?.lives() {
                bail!(
                    "{name} ended while starting; the end of {}:\n{}",
                    spec.log.display(),
                    tail(&spec.log)
                );
            }
            if began.elapsed() > patience {
                bail!(
                    "{name} was not ready after {} s; the end of {}:\n{}",
                    patience.as_secs(),
                    spec.log.display(),
                    tail(&spec.log)
                );
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Fails if a service has died by itself. One that is being bounced may be
    /// away for a while.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.reap();
        for entry in self.read()? {
            if entry.lives() {
                continue;
            }
            let began = Instant::now();
            loop {
                let now = self.entry(&entry.spec.name)?;
                if now.lives() {
                    break;
                }
                if !now.bouncing || began.elapsed() > BOUNCE_PATIENCE {
                    bail!(
                        "{} has died; the end of {}:\n{}",
                        entry.spec.name,
                        entry.spec.log.display(),
                        tail(&entry.spec.log)
                    );
                }
                std::thread::sleep(LOOK_EVERY);
            }
        }
        Ok(())
    }

    /// Ends a service, outright or as at the end of the day, and starts it
    /// again. Returns once it can be used.
    pub(crate) fn bounce(
        &mut self,
        name: &str,
        outright: bool,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let entry = self.update(name, |entry| entry.bouncing = true)?;
        stop_entry(&entry, outright);
        if let Ready::File(file) = &entry.spec.ready {
            remove_file(file)?;
        }
        let child = spawn(&entry.spec)?;
        let pid = child.id();
        self.children.push(child);
        self.update(name, |entry| {
            entry.pid = pid;
            entry.born = birth(pid);
        })?;
        self.wait_ready(name, interrupt)?;
        self.update(name, |entry| entry.bouncing = false)?;
        Ok(())
    }

    /// Stops everything, the last one started first. Returns the names of
    /// those that had to be killed, which may have lost what they held.
    pub(crate) fn stop_all(&mut self, mut tell: impl FnMut(&str)) -> Result<Vec<String>> {
        let mut killed = Vec::new();
        for entry in self.read()?.into_iter().rev() {
            tell(&entry.spec.name);
            if !stop_entry(&entry, false) {
                killed.push(entry.spec.name);
            }
            self.reap();
        }
        remove_file(&self.file)?;
        Ok(killed)
    }

    /// Takes note of children that have ended, which would otherwise stay
    /// behind as zombies.
    fn reap(&mut self) {
        self.children.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_))));
    }

    fn entry(&self, name: &str) -> Result<Entry> {
        let found = self.read()?.into_iter().find(|entry| entry.spec.name == name);
        found.with_context(|| format!("{} names no service called {name}", self.file.display()))
    }

    fn update(&self, name: &str, change: impl FnOnce(&mut Entry)) -> Result<Entry> {
        let mut entries = self.read()?;
        let Some(entry) = entries.iter_mut().find(|entry| entry.spec.name == name) else {
            bail!("{} names no service called {name}", self.file.display());
        };
        change(entry);
        let changed = entry.clone();
        self.write(&entries)?;
        Ok(changed)
    }

    fn read(&self) -> Result<Vec<Entry>> {
        match std::fs::read(&self.file) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} is not as we wrote it", self.file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read {}", self.file.display()))
            }
        }
    }

    fn write(&self, entries: &[Entry]) -> Result<()> {
        write_whole(&self.file, &serde_json::to_vec_pretty(entries)?)
    }
}

fn spawn(spec: &Spec) -> Result<Child> {
    let log = append_to(&spec.log)?;
    Command::new(&spec.program)
        .args(&spec.args)
        .env_clear()
        .envs(&spec.env)
        // Its own group: a Ctrl-C in the terminal reaches us alone, and we
        // stop things in their order.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone().context("cannot share the log")?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", spec.program.display()))
}

/// Ends a service and what it left behind; whether it stopped by itself.
fn stop_entry(entry: &Entry, outright: bool) -> bool {
    let mut by_itself = true;
    if entry.lives() {
        signal_process(entry.pid, if outright { Signal::KILL } else { Signal::TERM });
        let began = Instant::now();
        let patience = Duration::from_secs(entry.spec.stop_patience_seconds);
        while entry.lives() {
            if began.elapsed() > patience {
                by_itself = false;
                signal_process(entry.pid, Signal::KILL);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        // Functions that the engine had running.
        kill_group(entry.pid);
    }
    by_itself
}

fn is_ready(ready: &Ready) -> bool {
    match ready {
        Ready::Http { address, path } => answers_ok(address, path),
        Ready::File(file) => is_complete(file),
    }
}

fn is_complete(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|text| serde_json::from_slice::<serde_json::Value>(&text).is_ok())
}

/// Whether a server on this machine answers 200 to a `GET`.
pub(crate) fn answers_ok(address: &str, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = address.parse().map_err(std::io::Error::other)?;
        let mut stream = TcpStream::connect_timeout(&address, PROBE_TIMEOUT)?;
        stream.set_read_timeout(Some(PROBE_TIMEOUT))?;
        stream.set_write_timeout(Some(PROBE_TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head)?;
        Ok(head.starts_with(b"HTTP/1.") && head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn shell(folder: &Path, name: &str, script: &str) -> Spec {
        Spec {
            name: name.to_owned(),
            program: "/bin/sh".into(),
            args: vec!["-c".to_owned(), script.to_owned()],
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
            log: folder.join(format!("{name}.log")),
            ready: Ready::File(folder.join(format!("{name}.json"))),
            start_patience_seconds: 10,
            stop_patience_seconds: 10,
        }
    }

    fn services(folder: &Path) -> Services {
        Services::open(folder.join("processes.json"))
    }

    #[test]
    fn a_service_is_started_bounced_and_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::listen().unwrap();
        let script = format!(
            "trap 'echo told to stop; exit 0' TERM; echo '{{}}' >{}/a.json; while :; do sleep 0.05; done",
            folder.path().display()
        );
        let mut ours = services(folder.path());
        ours.start(shell(folder.path(), "a", &script)).unwrap();
        ours.wait_ready("a", &interrupt).unwrap();
        let first = ours.pid("a").unwrap();
        ours.check().unwrap();

        // Somebody else bounces it: we keep watching the new one.
        let mut theirs = services(folder.path());
        std::thread::scope(|scope| {
            scope.spawn(|| theirs.bounce("a", true, &Interrupt::listen().unwrap()).unwrap());
            for _ in 0..20 {
                ours.check().unwrap();
                std::thread::sleep(LOOK_EVERY);
            }
        });
        assert_ne!(ours.pid("a").unwrap(), first);
        assert_eq!(tail(&folder.path().join("a.log")), "", "it was killed, not told");
        assert_eq!(ours.living().unwrap(), ["a"]);

        let mut told = Vec::new();
        // The new one is a child of `theirs`, which reaps it.
        let killed = theirs.stop_all(|name| told.push(name.to_owned())).unwrap();
        assert_eq!(told, ["a"]);
        assert_eq!(killed, Vec::<String>::new());
        assert_eq!(tail(&folder.path().join("a.log")), "told to stop");
        assert_eq!(ours.living().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_service_that_dies_is_reported_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::listen().unwrap();
        let mut services = services(folder.path());
        services.start(shell(folder.path(), "b", "echo no such model; exit 1")).unwrap();
        let error = services.wait_ready("b", &interrupt).unwrap_err();
        assert!(error.to_string().contains("no such model"), "{error}");
        let error = services.check().unwrap_err();
        assert!(error.to_string().contains("b has died"), "{error}");
    }

    #[test]
    fn a_service_that_does_not_listen_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut services = services(folder.path());
        let mut spec = shell(folder.path(), "c", "trap '' TERM; while :; do sleep 0.05; done");
        spec.stop_patience_seconds = 1;
        services.start(spec).unwrap();
        std::thread::sleep(LOOK_EVERY * 4);
        assert_eq!(services.stop_all(|_| ()).unwrap(), ["c"]);
    }

    #[test]
    fn ready_is_a_200_and_nothing_else() {
        for (answer, ready) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 No\r\n\r\n", false)]
        {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap().to_string();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let (mut stream, _) = listener.accept().unwrap();
                    // All of the question: closing with some of it unread would
                    // reset the connection under the answer.
                    let mut asked = Vec::new();
                    while !asked.ends_with(b"\r\n\r\n") {
                        let mut byte = [0_u8];
                        stream.read_exact(&mut byte).unwrap();
                        asked.extend(byte);
                    }
                    stream.write_all(answer.as_bytes()).unwrap();
                });
                assert_eq!(answers_ok(&address, "/ready"), ready);
            });
        }
        assert!(!answers_ok("127.0.0.1:1", "/"), "nobody listens there");
    }
}
