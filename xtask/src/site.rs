//! The site: compiled for the browser, exported as files, put into the stack's
//! bucket.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::Session;
use crate::aws::Aws;
use crate::package::{self, Built};
use crate::process::{capture, make_folder, remove_folder, run_logged, run_shown};

/// The package and its program, native and for the browser.
const SITE: &str = "seisiun-site";
/// The program that makes what a browser loads of it.
const GLUE: &str = "seisiun-site-glue";
/// Cargo's profile for what a browser loads.
const PROFILE: &str = "site";
/// What a browser's programs are compiled for.
const TARGET: &str = "wasm32-unknown-unknown";
/// Where the site is, where nobody says.
const SOMEWHERE: &str = "http://127.0.0.1:8080";

/// A minute: pages are asked for again instead of being taken back.
const SOON: &str = "public, max-age=60";
/// Of what changes a few times a year and does no harm when old.
const DAY: &str = "public, max-age=86400";
/// Of what is named after its content, or its release.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What is uploaded together: which files, of what type, to be kept how long.
/// The first group that fits a file has it. The names with a hash are those that
/// `site/src/export.rs` gives.
const GROUPS: [Group; 15] = [
    Group { pattern: ".perseus/boot.js", content_type: "text/javascript", keep: SOON },
    Group { pattern: ".perseus/members.js", content_type: "text/javascript", keep: SOON },
    Group { pattern: ".perseus/plain.js", content_type: "text/javascript", keep: SOON },
    Group { pattern: ".perseus/page/*", content_type: "application/json", keep: SOON },
    Group { pattern: "assets/*.css", content_type: "text/css; charset=utf-8", keep: SOON },
    Group { pattern: "assets/*.svg", content_type: "image/svg+xml", keep: SOON },
    Group { pattern: "assets/*.mjs", content_type: "text/javascript", keep: FOR_EVER },
    Group { pattern: "assets/maplibre-*.txt", content_type: "text/plain", keep: FOR_EVER },
    Group { pattern: "assets/*.js", content_type: "text/javascript", keep: SOON },
    Group { pattern: "assets/map-*.json", content_type: "application/json", keep: DAY },
    Group { pattern: "assets/*.png", content_type: "image/png", keep: DAY },
    Group {
        pattern: "assets/*.webmanifest",
        content_type: "application/manifest+json",
        keep: SOON,
    },
    Group { pattern: "robots.txt", content_type: "text/plain; charset=utf-8", keep: SOON },
    Group { pattern: "*.html", content_type: "text/html; charset=utf-8", keep: SOON },
    // It has a browser fetch others.
    Group { pattern: "sw.js", content_type: "text/javascript", keep: SOON },
];

/// The programs for the browser: what their files are named after, and the
/// features of the package that they are compiled with.
const BUNDLES: [(&str, &[&str]); 2] = [("site", &[]), ("members", &["--features", "members"])];

/// Of the programs' files, which hold a hash, the compressed form alone is
/// uploaded, under the name of the plain one: whoever can run the program can
/// unpack it. Their names' endings, and their types.
const COMPRESSED: [(&str, &str); 2] =
    [(".wasm.br", "application/wasm"), (".js.br", "text/javascript")];

#[derive(Debug, Clone, Copy)]
struct Group {
    pattern: &'static str,
    content_type: &'static str,
    keep: &'static str,
}

/// Builds and exports the site, by itself.
pub(crate) fn site(session: &Session) -> Result<bool> {
    // Not the whole workspace: of it, the site needs little.
    let mut command = Command::new(package::cargo());
    command.args(["build", "--quiet", "--package", SITE, "--package", GLUE]);
    command.current_dir(session.layout.root());
    session.progress.step("Site: the exporter", || {
        if !run_shown(&mut command, &session.interrupt)?.success() {
            bail!("the build failed");
        }
        Ok(())
    })?;
    let programs = target_folder(session).join("debug");
    let program = |name: &str| programs.join(name);
    export(session, &program(SITE), &program(GLUE), SOMEWHERE)?;
    session.progress.say(format!("Site: {}", out(session).display()));
    Ok(true)
}

/// Exports the site for a running stack, whose run file says where it is, and
/// uploads it.
pub(crate) fn publish(
    session: &Session,
    built: &Built,
    aws: &Aws,
    run: &BTreeMap<String, String>,
) -> Result<()> {
    let output = |name: &str| run.get(name).with_context(|| format!("the stack has no {name}"));
    let origin = output("front_door_url")?;
    let bucket = output("SiteBucket")?;
    export(session, built.program(SITE)?, built.program(GLUE)?, origin)?;
    session.progress.step("Site: uploading", || {
        let folder = out(session);
        let from = folder.to_str().context("the checkout's path is not text")?;
        let to = format!("s3://{bucket}/");
        for (name, key, content_type) in compressed(&folder.join(".perseus"))? {
            let from = format!("{from}/.perseus/{name}");
            let to = format!("{to}.perseus/{key}");
            let args = ["s3", "cp", "--only-show-errors", &from, &to, "--content-encoding", "br"];
            let args = args.into_iter().chain(["--content-type", content_type]);
            aws.run(args.chain(["--cache-control", FOR_EVER]).collect::<Vec<_>>())?;
        }
        // Pages last, so that they lead to nothing that is not there yet.
        for (n, group) in GROUPS.iter().enumerate() {
            let mut args = vec!["s3", "cp", "--recursive", "--only-show-errors", from, &to];
            args.extend(["--exclude", "*", "--include", group.pattern]);
            for earlier in &GROUPS[..n] {
                args.extend(["--exclude", earlier.pattern]);
            }
            args.extend(["--content-type", group.content_type, "--cache-control", group.keep]);
            aws.run(args)?;
        }
        Ok(())
    })
}

/// The compressed files in a folder: their names, what they are uploaded as, and
/// their types.
fn compressed(folder: &Path) -> Result<Vec<(String, String, &'static str)>> {
    let mut files = Vec::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = COMPRESSED.iter().find(|(ending, _)| name.ends_with(ending));
        if let (Some((_, content_type)), Some(key)) = (known, name.strip_suffix(".br")) {
            files.push((name.clone(), key.to_owned(), *content_type));
        }
    }
    files.sort();
    Ok(files)
}

/// Makes what a browser loads, ahead of a [`publish`], which then finds it made.
pub(crate) fn prepare(session: &Session, glue: &Path) -> Result<()> {
    bundles(session, glue).map(drop)
}

/// The program that makes the glue.
pub(crate) fn glue(built: &Built) -> Result<PathBuf> {
    built.program(GLUE).cloned()
}

/// Compiles the programs for the browser and makes their glue; the folder that
/// they are in.
fn bundles(session: &Session, glue: &Path) -> Result<PathBuf> {
    let layout = &session.layout;
    let log = layout.private().join("log/site.log");
    let toolchain =
        session.progress.step("Site: a compiler for the browser", || toolchain(session))?;
    let target = target_folder(session).join("wasm");
    let bundle = target.join("bundle");
    remove_folder(&bundle)?;
    for (name, features) in BUNDLES {
        let step = format!("Site: compiling for the browser: {name}");
        session.progress.step(&step, || {
            let mut command = Command::new(package::cargo());
            command.args(["build", "--quiet", "--package", SITE, "--bin", SITE]);
            command.args(["--target", TARGET, "--profile", PROFILE]).args(features);
            // Other flags than everything else has, so that neither build spoils
            // what the other has compiled.
            command.arg("--target-dir").arg(&target);
            command.envs(&toolchain).current_dir(layout.root());
            if !run_shown(&mut command, &session.interrupt)?.success() {
                bail!("the build failed");
            }
            let wasm = target.join(TARGET).join(PROFILE).join(format!("{SITE}.wasm"));
            let folder = bundle.join(name);
            make_folder(&folder)?;
            let mut command = Command::new(glue);
            run_logged(command.arg(&wasm).arg(&folder), &log, &session.interrupt)?;
            Ok(())
        })?;
    }
    Ok(bundle)
}

/// Makes what a browser loads, and writes all files.
fn export(session: &Session, exporter: &Path, glue: &Path, origin: &str) -> Result<()> {
    let layout = &session.layout;
    let bundle = bundles(session, glue)?;
    let maplibre = session.tools().maplibre()?;
    session.progress.step("Site: exporting", || {
        let out = out(session);
        remove_folder(&out)?;
        let mut command = Command::new(exporter);
        command.arg("--out").arg(&out).args(["--origin", origin]);
        command.arg("--bundle").arg(&bundle);
        command.arg("--assets").arg(layout.root().join("site/assets"));
        command.arg("--maplibre").arg(&maplibre);
        for line in capture(&mut command)?.lines() {
            session.progress.say(format!("Site: {line}"));
        }
        Ok(())
    })
}

/// The environment in which cargo can compile for the browser.
fn toolchain(session: &Session) -> Result<BTreeMap<String, String>> {
    let script = session.layout.root().join("xtask/tools/wasm-toolchain.sh");
    let folder = session.layout.tools().join("wasm");
    let mut command = Command::new("sh");
    command.arg(script).arg(folder).current_dir(session.layout.root());
    parse_environment(&capture(&mut command)?)
}

fn parse_environment(text: &str) -> Result<BTreeMap<String, String>> {
    let pairs = text.lines().map(|line| {
        let (name, value) =
            line.split_once('=').with_context(|| format!("no NAME=VALUE: {line}"))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// The folder with the exported site.
fn out(session: &Session) -> PathBuf {
    session.layout.private().join("site")
}

/// Where cargo puts what it compiles.
fn target_folder(session: &Session) -> PathBuf {
    let root = session.layout.root();
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchains_environment_is_understood() {
        assert!(parse_environment("").unwrap().is_empty());
        let env = parse_environment("RUSTC=/a b/rustc\nX=y=z\n").unwrap();
        assert_eq!(env["RUSTC"], "/a b/rustc");
        assert_eq!(env["X"], "y=z");
        assert!(parse_environment("export RUSTC\n").is_err());
    }

    #[test]
    fn every_file_of_the_site_has_a_type_and_only_named_content_is_kept() {
        for group in GROUPS {
            let released = group.pattern.ends_with(".mjs") || group.pattern.contains("maplibre-");
            assert_eq!(group.keep == FOR_EVER, released, "{}", group.pattern);
        }
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/assets");
        for file in std::fs::read_dir(assets).unwrap() {
            let path = file.unwrap().path();
            let ending = format!("*.{}", path.extension().unwrap().to_str().unwrap());
            let typed = GROUPS.iter().any(|group| group.pattern.ends_with(&ending));
            assert!(typed, "{} would not be uploaded", path.display());
        }
    }
}
