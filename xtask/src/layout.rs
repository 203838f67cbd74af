//! Where things are: the checkout, our private state, the build's output.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The checkout we work on.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Finds the checkout: above the manifest that Cargo names, or else above
    /// the current folder.
    pub(crate) fn find() -> Result<Self> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest_dir) => PathBuf::from(manifest_dir),
            None => std::env::current_dir().context("there is no current folder")?,
        };
        for folder in start.ancestors() {
            if folder.join("xtask/Cargo.toml").is_file() && folder.join("statemachines").is_dir() {
                return Ok(Self { root: folder.to_path_buf() });
            }
        }
        bail!("{} is not inside the checkout: run `cargo xtask` from within it", start.display())
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The SAM template.
    pub(crate) fn template(&self) -> PathBuf {
        self.root.join("template.yaml")
    }

    /// Everything that we keep on this machine and never commit.
    pub(crate) fn private(&self) -> PathBuf {
        self.root.join(".local")
    }

    /// The private tools: Python environment, Node packages, exiftool, a browser.
    pub(crate) fn tools(&self) -> PathBuf {
        self.private().join("tools")
    }

    /// Where `template.yaml` expects a function's folder with its `bootstrap`.
    pub(crate) fn bootstrap(&self, function: &str) -> PathBuf {
        self.root.join("target/lambda").join(function).join("bootstrap")
    }

    /// The sample data of a new stack.
    pub(crate) fn sample(&self) -> PathBuf {
        self.root.join("e2e/sample/sample.yaml")
    }

    /// What the demo writes about its scenarios.
    pub(crate) fn demo_summary(&self) -> PathBuf {
        self.root.join("target/demo/summary.json")
    }

    /// The snapshot files that a test run has used, one path a line.
    pub(crate) fn snapshot_references(&self) -> PathBuf {
        self.root.join("target/snapshot-references.txt")
    }

    /// The stack that a developer runs: kept between runs.
    pub(crate) fn developer_instance(&self) -> Instance {
        Instance { dir: self.private() }
    }

    /// The stack that the tests run on: new every time, beside the developer's.
    pub(crate) fn test_instance(&self) -> Instance {
        Instance { dir: self.private().join("test") }
    }
}

/// One running copy of the stack, with its own state, logs and ports.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    dir: PathBuf,
}

impl Instance {
    /// The instance whose `run.json` this is.
    pub(crate) fn of_run_file(run_file: &Path) -> Result<Self> {
        let dir = run_file.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or_else(|| Path::new(".")).canonicalize();
        Ok(Self { dir: dir.with_context(|| format!("no folder holds {}", run_file.display()))? })
    }

    /// What survives a restart: the engine's data, the mailbox, the ports.
    pub(crate) fn state(&self) -> PathBuf {
        self.dir.join("state")
    }

    /// The engine's own part of the state.
    pub(crate) fn engine_state(&self) -> PathBuf {
        self.state().join("engine")
    }

    /// The stand-ins' part of the state.
    pub(crate) fn standins_state(&self) -> PathBuf {
        self.state().join("standins")
    }

    /// What was deployed last, so that the same need not be deployed again.
    pub(crate) fn deployed(&self) -> PathBuf {
        self.state().join("deployed.json")
    }

    /// The ports of this instance: kept, because stored addresses name them.
    pub(crate) fn ports(&self) -> PathBuf {
        self.state().join("ports.json")
    }

    /// Packaged code and templates, on their way to the engine.
    pub(crate) fn artifacts(&self) -> PathBuf {
        self.dir.join("artifacts")
    }

    /// Temporary files of the engine and of the functions, emptied at a start.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.dir.join("scratch")
    }

    /// The logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// Pictures and traces of the browser's tests that failed.
    pub(crate) fn browser_remains(&self) -> PathBuf {
        self.dir.join("browser")
    }

    /// The log of one process.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    /// Everything one needs to know to use the running stack, as a flat map.
    pub(crate) fn run_file(&self) -> PathBuf {
        self.dir.join("run.json")
    }

    /// The running processes and how each is started again.
    pub(crate) fn processes(&self) -> PathBuf {
        self.dir.join("processes.json")
    }

    /// Where the stand-ins write the addresses they have bound.
    pub(crate) fn addresses(&self) -> PathBuf {
        self.dir.join("addresses.json")
    }
}
