//! From compiled binaries and the templates to what CloudFormation takes.
//!
//! It does what `aws cloudformation package` does, but names everything by its
//! content and stores instead of deflating, so that an unchanged function costs
//! nothing and a changed one a fraction of a second.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::layout::Layout;
use crate::process::{Interrupt, make_folder, remove_file, write_whole};
use crate::sha256_hex;
use crate::template::{self, Local};
use crate::tools::answers;

/// How much of a content's hash its name carries: enough for a few thousand files.
const HASH_CHARS: usize = 24;

/// What a build has made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Built {
    /// Programs by name.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    /// Programs that run tests.
    pub(crate) tests: Vec<TestProgram>,
}

impl Built {
    /// A program that must be among them.
    pub(crate) fn program(&self, name: &str) -> Result<&PathBuf> {
        self.programs.get(name).with_context(|| format!("the workspace has no binary {name}"))
    }
}

/// A program that runs tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestProgram {
    /// The folder of its package, in which it is run.
    pub(crate) package_dir: PathBuf,
    /// What it tests: a library, a binary, or a file of tests.
    pub(crate) target: String,
    /// The program.
    pub(crate) program: PathBuf,
}

/// What to compile besides the workspace's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Also {
    /// Nothing.
    Nothing,
    /// Every test. Programs are wiring and have none: a program compiled to
    /// look for tests would be linked once more.
    Tests,
    /// The file of tests of this name.
    Test(&'static str),
}

/// The part of the workspace that a build compiles. It is always the same, and
/// never with ourselves: Cargo chooses the features of shared dependencies by
/// what it is asked to build, and other features mean compiling all of it again.
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// zlib's level.
const QUICKEST: i64 = 1;

/// Compiles the workspace.
pub(crate) fn build(layout: &Layout, interrupt: &Interrupt, also: Also) -> Result<Built> {
    let with = |args: &[&'static str]| [args, &SELECTION].concat();
    let files: &[&str] = match also {
        Also::Nothing => &[],
        Also::Tests => &["--test", "*"],
        Also::Test(file) => &["--test", file],
    };
    let mut built = cargo_build(layout, interrupt, &with(&[&["build", "--bins"], files].concat()))?;
    if also == Also::Tests {
        // The libraries' own, which no other command compiles alone.
        let libraries = with(&["test", "--lib", "--no-run"]);
        built.tests.extend(cargo_build(layout, interrupt, &libraries)?.tests);
    }
    Ok(built)
}

/// Compiles our own tests.
pub(crate) fn build_own_tests(layout: &Layout, interrupt: &Interrupt) -> Result<Built> {
    cargo_build(layout, interrupt, &["build", "--tests", "--package", "xtask"])
}

fn cargo_build(layout: &Layout, interrupt: &Interrupt, args: &[&str]) -> Result<Built> {
    let mut child = Command::new(cargo())
        .args(args)
        .arg("--message-format=json-render-diagnostics")
        .current_dir(layout.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let (built, status) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut built = Built::default();
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                note_artifact(&line, &mut built);
            }
            built
        });
        let status = interrupt.wait(&mut child);
        (reader.join(), status)
    });
    if !status?.success() {
        bail!("the build failed");
    }
    built.map_err(|_| anyhow::anyhow!("reading cargo's messages failed"))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Notes the program that one of cargo's messages tells of, if it does.
fn note_artifact(message: &str, built: &mut Built) -> Option<()> {
    let message: Json = serde_json::from_str(message).ok()?;
    if message.get("reason")? != "compiler-artifact" {
        return None;
    }
    let program = PathBuf::from(message.get("executable")?.as_str()?);
    let target = message.pointer("/target/name")?.as_str()?.to_owned();
    if message.pointer("/profile/test")?.as_bool()? {
        let manifest = Path::new(message.get("manifest_path")?.as_str()?);
        let package_dir = manifest.parent()?.to_path_buf();
        built.tests.push(TestProgram { package_dir, target, program });
    } else {
        built.programs.insert(target, program);
    }
    Some(())
}

/// Puts a function's binary where the template looks for it, without its
/// debugging symbols (which are most of it). An unchanged one is left alone.
pub(crate) fn stage(layout: &Layout, function: &str, binary: &Path) -> Result<()> {
    let bootstrap = layout.bootstrap(function);
    let built = modified(binary)?;
    if modified(&bootstrap).is_ok_and(|staged| staged == built) {
        return Ok(());
    }
    let folder = bootstrap.parent().context("the bootstrap has no folder")?;
    make_folder(folder)?;
    // Beside the folder, which holds one file and nothing else.
    let new = folder.with_extension("new");
    let stripped = answers("strip", &["--version"])
        && Command::new("strip")
            .arg("-o")
            .args([&new, binary])
            .status()
            .is_ok_and(|status| status.success());
    if !stripped {
        std::fs::copy(binary, &new).with_context(|| format!("cannot copy {}", binary.display()))?;
    }
    crate::tools::make_executable(&new)?;
    let file = File::options().write(true).open(&new).context("cannot open the new bootstrap")?;
    file.set_modified(built).context("cannot date the new bootstrap")?;
    std::fs::rename(&new, &bootstrap)
        .with_context(|| format!("cannot write {}", bootstrap.display()))
}

fn modified(file: &Path) -> Result<std::time::SystemTime> {
    let metadata = std::fs::metadata(file);
    let modified = metadata.and_then(|metadata| metadata.modified());
    modified.with_context(|| format!("cannot look at {}", file.display()))
}

/// Where packaged things go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination<'a> {
    /// The engine's address.
    pub(crate) engine_url: &'a str,
    /// The bucket.
    pub(crate) bucket: &'a str,
    /// The folder that mirrors the bucket.
    pub(crate) folder: &'a Path,
}

impl Destination<'_> {
    fn url(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.engine_url, self.bucket)
    }
}

/// A template with all that it names, ready to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The key of the main template. It changes with anything in it.
    pub(crate) template_key: String,
    /// Where CloudFormation finds it.
    pub(crate) template_url: String,
    /// The keys of all files, the main template's too.
    pub(crate) keys: BTreeSet<String>,
}

/// Packages a template and all that it names.
pub(crate) fn package(template: &Path, to: Destination<'_>) -> Result<Package> {
    let mut keys = BTreeSet::new();
    let template_key = package_template(template, to, &mut keys)?;
    forget_others(to.folder, &keys)?;
    Ok(Package { template_url: to.url(&template_key), template_key, keys })
}

fn package_template(
    file: &Path,
    to: Destination<'_>,
    keys: &mut BTreeSet<String>,
) -> Result<String> {
    let mut packaged = template::read(file)?;
    let beside = file.parent().unwrap_or_else(|| Path::new("."));
    template::replace_local(&mut packaged, |local| {
        Ok(match local {
            Local::Code(folder) => {
                let key = package_code(&beside.join(folder), to)?;
                keys.insert(key.clone());
                json!({ "Bucket": to.bucket, "Key": key })
            }
            Local::Definition(path) => {
                let path = beside.join(path);
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let text = timeouts_as_numbers(&text);
                let key = put(to, stem(&path)?, "asl.json", text.as_bytes())?;
                keys.insert(key.clone());
                json!({ "Bucket": to.bucket, "Key": key })
            }
            Local::Template(path) => {
                let key = package_template(&beside.join(path), to, keys)?;
                json!(to.url(&key))
            }
        })
    })
    .with_context(|| format!("cannot package {}", file.display()))?;
    let key = put(to, stem(file)?, "template.json", &serde_json::to_vec(&packaged)?)?;
    keys.insert(key.clone());
    Ok(key)
}

/// The definition with each time-out that is a parameter's value as the number
/// that CloudFormation will put there: the engine does not evaluate the time-out
/// of a task that waits for a token (ADR 4).
fn timeouts_as_numbers(definition: &str) -> String {
    const EXPRESSION: &str = r#""TimeoutSeconds": "{% ${"#;
    const END: &str = r#"} %}""#;
    let mut pieces = definition.split(EXPRESSION);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(END) {
            Some((name, rest)) => {
                text.extend([r#""TimeoutSeconds": ${"#, name, "}", rest]);
            }
            None => text.extend([EXPRESSION, piece]),
        }
    }
    text
}

/// The folder's `bootstrap`, zipped at zlib's quickest: the engine keeps a copy
/// of its own beside the bucket's, and a few seconds save some two gigabytes.
fn package_code(folder: &Path, to: Destination<'_>) -> Result<String> {
    let bootstrap = folder.join("bootstrap");
    let code = std::fs::read(&bootstrap)
        .with_context(|| format!("cannot read {}: is it built?", bootstrap.display()))?;
    let name = folder.file_name().and_then(|name| name.to_str()).context("a folder has no name")?;
    let key = content_key(name, "zip", &code);
    let path = to.folder.join(&key);
    if path.is_file() {
        return Ok(key);
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(QUICKEST))
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options)?;
    std::io::Write::write_all(&mut archive, &code)?;
    let zipped = archive.finish()?.into_inner();
    write_whole(&path, &zipped)?;
    Ok(key)
}

fn put(to: Destination<'_>, name: &str, extension: &str, content: &[u8]) -> Result<String> {
    let key = content_key(name, extension, content);
    let path = to.folder.join(&key);
    if !path.is_file() {
        write_whole(&path, content)?;
    }
    Ok(key)
}

fn content_key(name: &str, extension: &str, content: &[u8]) -> String {
    let hash: String = sha256_hex(content).chars().take(HASH_CHARS).collect();
    format!("{name}-{hash}.{extension}")
}

/// A file's name up to its first dot.
fn stem(file: &Path) -> Result<&str> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name", file.display()))?;
    Ok(name.split('.').next().unwrap_or(name))
}

/// Removes what an earlier package left, which would only fill the disk.
fn forget_others(folder: &Path, keys: &BTreeSet<String>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_none_or(|name| !keys.contains(name)) {
            remove_file(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_time_out_that_is_a_parameter_becomes_a_number() {
        let wait = r#"{"TimeoutSeconds": "{% ${Wait} %}", "Output": "{% {'a': ${B} } %}"}"#;
        let number = r#"{"TimeoutSeconds": ${Wait}, "Output": "{% {'a': ${B} } %}"}"#;
        assert_eq!(timeouts_as_numbers(wait), number);
        for other in [r#"{"TimeoutSeconds": 5}"#, r#"{"TimeoutSeconds": "{% ${Wait"#, ""] {
            assert_eq!(timeouts_as_numbers(other), other);
        }
    }

    fn checkout() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            write_whole(&folder.path().join(path), text.as_bytes()).unwrap()
        };
        write("target/lambda/tell/bootstrap", "the binary");
        write("statemachines/one.asl.json", r#"{"StartAt":"A"}"#);
        write("ops/inner.yaml", "Resources: { T: { Type: AWS::SNS::Topic } }");
        write(
            "template.yaml",
            "Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { CodeUri: target/lambda/tell/ } }\n  \
             M: { Type: AWS::Serverless::StateMachine, Properties: { DefinitionUri: statemachines/one.asl.json } }\n  \
             N: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ops/inner.yaml } }\n",
        );
        folder
    }

    fn packaged(checkout: &Path) -> (Package, Json) {
        let folder = checkout.join("artifacts");
        let to = Destination { engine_url: "http://127.0.0.1:9", bucket: "b", folder: &folder };
        let package = package(&checkout.join("template.yaml"), to).unwrap();
        let text = std::fs::read(folder.join(&package.template_key)).unwrap();
        (package, serde_json::from_slice(&text).unwrap())
    }

    #[test]
    fn everything_that_a_template_names_is_packaged() {
        let checkout = checkout();
        let (package, template) = packaged(checkout.path());
        assert_eq!(package.keys.len(), 4, "{:?}", package.keys);
        let on_disk = std::fs::read_dir(checkout.path().join("artifacts")).unwrap();
        let on_disk: BTreeSet<_> =
            on_disk.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(on_disk, package.keys);

        let code =
            template.pointer("/Resources/F/Properties/CodeUri/Key").unwrap().as_str().unwrap();
        let archive = File::open(checkout.path().join("artifacts").join(code)).unwrap();
        let mut archive = zip::ZipArchive::new(archive).unwrap();
        assert_eq!(archive.len(), 1);
        let mut bootstrap = archive.by_name("bootstrap").unwrap();
        assert_eq!(bootstrap.unix_mode().unwrap() & 0o777, 0o755);
        assert_eq!(std::io::read_to_string(&mut bootstrap).unwrap(), "the binary");
        let nested =
            template.pointer("/Resources/N/Properties/TemplateURL").unwrap().as_str().unwrap();
        assert!(nested.starts_with("http://127.0.0.1:9/b/inner-"), "{nested}");
    }

    #[test]
    fn the_main_templates_name_changes_with_anything_in_it_and_with_nothing_else() {
        let checkout = checkout();
        let (first, _) = packaged(checkout.path());
        let (again, _) = packaged(checkout.path());
        assert_eq!(first, again);
        for (path, text) in [
            ("target/lambda/tell/bootstrap", "another binary"),
            ("statemachines/one.asl.json", r#"{"StartAt":"B"}"#),
            ("ops/inner.yaml", "Resources: { T: { Type: AWS::SQS::Queue } }"),
        ] {
            let (before, _) = packaged(checkout.path());
            write_whole(&checkout.path().join(path), text.as_bytes()).unwrap();
            let (after, _) = packaged(checkout.path());
            assert_ne!(before.template_key, after.template_key, "{path} changed");
            assert_eq!(after.keys.len(), 4, "what was before is forgotten");
        }
    }

    #[test]
    fn cargo_tells_what_it_built() {
        let mut built = Built::default();
        for message in [
            r#"{"reason":"compiler-artifact","manifest_path":"/w/f/Cargo.toml","target":{"name":"tell"},"profile":{"test":false},"executable":"/t/debug/tell"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/w/f/Cargo.toml","target":{"name":"port"},"profile":{"test":true},"executable":"/t/debug/deps/port-1"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/r/serde/Cargo.toml","target":{"name":"serde"},"profile":{"test":false},"executable":null}"#,
            "warning: something",
        ] {
            note_artifact(message, &mut built);
        }
        let expected = Built {
            programs: BTreeMap::from([("tell".to_owned(), "/t/debug/tell".into())]),
            tests: vec![TestProgram {
                package_dir: "/w/f".into(),
                target: "port".to_owned(),
                program: "/t/debug/deps/port-1".into(),
            }],
        };
        assert_eq!(built, expected);
        assert!(built.program("tell").is_ok());
        assert!(built.program("told").unwrap_err().to_string().contains("told"));
    }
}
