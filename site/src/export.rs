//! Writes what the browser needs into a folder: pages, their state, the
//! program, the stylesheet.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use brotli::enc::BrotliEncoderParams;
use clap::Parser;
use seisiun_site::{Body, Bundle, Language, Page, engine, script, shell, static_pages};
use sha2::{Digest as _, Sha256};

/// Write the site's files into a folder.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder; what else is in it stays.
    #[arg(long)]
    out: PathBuf,
    /// Where the site will be, e.g. https://seisiun.example
    #[arg(long)]
    origin: String,
    /// The folder with what wasm-bindgen made: of each program, in a folder of its
    /// name, `seisiun-site.js` and `seisiun-site_bg.wasm`.
    #[arg(long)]
    bundle: PathBuf,
    /// The folder with stylesheet and images.
    #[arg(long)]
    assets: PathBuf,
    /// The folder with the library that draws maps, as its package has it.
    #[arg(long)]
    maplibre: PathBuf,
}

/// What the name of a compressed file ends with. The uploader puts it in place of
/// the plain one.
const COMPRESSED: &str = ".br";

pub(crate) fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut first_load = 0;
    let mut stored = Vec::new();
    for bundle in Bundle::ALL {
        let program = program(&arguments, bundle)?;
        if bundle == Bundle::Public {
            first_load += program.bytes;
            stored.extend(program.keys);
        }
    }
    // Of documents that no program draws, the ones for when there is no signal.
    let plain = shell::boot_key(Bundle::None).to_owned();
    write(&arguments.out, &plain, script::page().as_bytes())?;
    stored.push(plain);
    first_load += assets(&arguments)?;
    maplibre(&arguments)?;
    write(&arguments.out, shell::ROBOTS_KEY, shell::robots(&arguments.origin).as_bytes())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().context("no runtime can be made")?;
    let documents = runtime.block_on(engine::render(static_pages(&arguments.origin), |_| None))?;
    let home = Page::new(Language::En, &arguments.origin, Body::Home).key();
    let mut bytes = 0;
    for document in &documents {
        if document.key == home {
            first_load += brotli(document.html.as_bytes())?.len();
        }
        bytes += document.html.len();
        write(&arguments.out, &document.key, document.html.as_bytes())?;
        if let Some((key, state)) = &document.state {
            write(&arguments.out, key, state.as_bytes())?;
        }
    }
    for language in Language::ALL {
        stored.push(Page::new(language, &arguments.origin, Body::Offline).key());
    }
    stored.extend(shell::EVERY_PAGE.map(str::to_owned));
    worker(&arguments.out, &stored)?;
    println!(
        "{} pages, {} bytes each on average, in {:.1} s",
        documents.len(),
        bytes / documents.len().max(1),
        began.elapsed().as_secs_f64()
    );
    println!("{first_load} bytes by brotli before anything is done on the first page");
    if first_load > shell::PUBLIC_BYTES_MAX {
        bail!("that is more than the {} that it may have", shell::PUBLIC_BYTES_MAX);
    }
    Ok(())
}

/// A program as it was written.
struct Program {
    /// The bytes of its files, compressed.
    bytes: usize,
    /// Their keys.
    keys: [String; 3],
}

/// A program under names that hold its content's hash, beside each file the same
/// compressed, and what starts it.
fn program(arguments: &Arguments, bundle: Bundle) -> Result<Program> {
    let name = bundle.name();
    let folder = arguments.bundle.join(name);
    let wasm = read(&folder.join("seisiun-site_bg.wasm"))?;
    let glue = read(&folder.join("seisiun-site.js"))?;
    let (small_wasm, small_glue) = (brotli(&wasm)?, brotli(&glue)?);
    println!(
        "{name}: wasm {} bytes, {} by brotli; glue {} bytes, {} by brotli",
        wasm.len(),
        small_wasm.len(),
        glue.len(),
        small_glue.len()
    );
    let most = match bundle {
        Bundle::Public => shell::PUBLIC_WASM_BYTES_MAX,
        Bundle::Members => shell::MEMBERS_WASM_BYTES_MAX,
        Bundle::None => 0,
    };
    if small_wasm.len() > most {
        bail!(
            "the wasm of {name} has {} bytes compressed, more than the {most} that it may have: \
             look what has grown, or say in shell.rs why it must",
            small_wasm.len(),
        );
    }
    // Both by the hash of both: one is of no use without the other.
    let mut both = wasm.clone();
    both.extend_from_slice(&glue);
    let hash: String =
        Sha256::digest(&both).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (glue_name, wasm_name) = (format!("{name}.{hash}.js"), format!("{name}.{hash}.wasm"));
    for (name, plain, small) in [(&wasm_name, &wasm, &small_wasm), (&glue_name, &glue, &small_glue)]
    {
        write(&arguments.out, &format!(".perseus/{name}"), plain)?;
        write(&arguments.out, &format!(".perseus/{name}{COMPRESSED}"), small)?;
    }
    let boot = shell::boot(&glue_name, &wasm_name);
    write(&arguments.out, shell::boot_key(bundle), boot.as_bytes())?;
    Ok(Program {
        bytes: small_wasm.len() + small_glue.len() + brotli(boot.as_bytes())?.len(),
        keys: [
            shell::boot_key(bundle).to_owned(),
            format!(".perseus/{glue_name}"),
            format!(".perseus/{wasm_name}"),
        ],
    })
}

/// The worker that keeps these files, and what is looked at, for when there is no
/// signal. It is another one where any of them is.
fn worker(out: &Path, keys: &[String]) -> Result<()> {
    let mut hash = Sha256::new();
    for key in keys {
        hash.update(read(&out.join(key))?);
    }
    let version: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
    let path = |key: &String| format!("/{}", key.trim_end_matches("index.html"));
    let paths: Vec<_> = keys.iter().map(path).collect();
    let worker = script::worker(&version, &paths);
    println!("worker {} bytes, {} by brotli", worker.len(), brotli(worker.as_bytes())?.len());
    write(out, script::WORKER_KEY, worker.as_bytes())
}

/// The library that draws maps, in a folder that says its version.
fn maplibre(arguments: &Arguments) -> Result<()> {
    let package = read(&arguments.maplibre.join("package.json"))?;
    let package: serde_json::Value =
        serde_json::from_slice(&package).context("the map library's package.json is none")?;
    let version = script::MAPLIBRE_VERSION;
    if package["version"] != version {
        bail!("the map library is {}, and assets/map.js loads {version}", package["version"]);
    }
    for (from, name) in script::MAPLIBRE_FILES {
        let content = read(&arguments.maplibre.join(from))?;
        write(&arguments.out, &format!("assets/maplibre-{version}/{name}"), &content)?;
    }
    Ok(())
}

/// Stylesheet and images. Gives the bytes of those that every page loads,
/// compressed.
fn assets(arguments: &Arguments) -> Result<usize> {
    let folder = &arguments.assets;
    let mut every_page = 0;
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("{} has no name", path.display()))?;
        let (key, content) = (format!("assets/{name}"), read(&path)?);
        if shell::EVERY_PAGE.contains(&key.as_str()) {
            every_page += brotli(&content)?.len();
        }
        write(&arguments.out, &key, &content)?;
    }
    Ok(every_page)
}

/// As small as brotli makes it.
fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters =
        BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut small, &parameters).context("brotli failed")?;
    Ok(small)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(out: &Path, key: &str, content: &[u8]) -> Result<()> {
    let file = out.join(key);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))
}
