//! Writes what the browser needs into a folder: pages, their state, the
//! program, the stylesheet.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use flate2::{Compression, write::GzEncoder};
use seisiun_site::{engine, shell, static_pages};
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
    /// The folder with what wasm-bindgen made, `seisiun-site.js` and
    /// `seisiun-site_bg.wasm`.
    #[arg(long)]
    bundle: PathBuf,
    /// The folder with stylesheet and images.
    #[arg(long)]
    assets: PathBuf,
}

pub(crate) fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    bundle(&arguments)?;
    assets(&arguments)?;
    write(&arguments.out, shell::ROBOTS_KEY, shell::robots(&arguments.origin).as_bytes())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().context("no runtime can be made")?;
    let documents = runtime.block_on(engine::render(static_pages(&arguments.origin), |_| None))?;
    let mut bytes = 0;
    for document in &documents {
        bytes += document.html.len();
        write(&arguments.out, &document.key, document.html.as_bytes())?;
        if let Some((key, state)) = &document.state {
            write(&arguments.out, key, state.as_bytes())?;
        }
    }
    println!(
        "{} pages, {} bytes each on average, in {:.1} s",
        documents.len(),
        bytes / documents.len().max(1),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The program under names that hold its content's hash, and what starts it.
fn bundle(arguments: &Arguments) -> Result<()> {
    let wasm = read(&arguments.bundle.join("seisiun-site_bg.wasm"))?;
    let glue = read(&arguments.bundle.join("seisiun-site.js"))?;
    let (wasm_gzip, glue_gzip) = (gzip_len(&wasm)?, gzip_len(&glue)?);
    println!(
        "wasm {} bytes, {wasm_gzip} by gzip; glue {} bytes, {glue_gzip} by gzip",
        wasm.len(),
        glue.len()
    );
    if wasm_gzip > shell::WASM_GZIP_BYTES_MAX {
        bail!(
            "the wasm has {wasm_gzip} bytes compressed, more than the {} that it may have: \
             look what has grown, or say in WASM_GZIP_BYTES_MAX why it must",
            shell::WASM_GZIP_BYTES_MAX
        );
    }
    // Both by the hash of both: one is of no use without the other.
    let mut both = wasm.clone();
    both.extend_from_slice(&glue);
    let hash: String =
        Sha256::digest(&both).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (glue_name, wasm_name) = (format!("site.{hash}.js"), format!("site.{hash}.wasm"));
    write(&arguments.out, &format!(".perseus/{wasm_name}"), &wasm)?;
    write(&arguments.out, &format!(".perseus/{glue_name}"), &glue)?;
    write(&arguments.out, shell::BOOT_KEY, shell::boot(&glue_name, &wasm_name).as_bytes())
}

fn assets(arguments: &Arguments) -> Result<()> {
    let folder = &arguments.assets;
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("{} has no name", path.display()))?;
        write(&arguments.out, &format!("assets/{name}"), &read(&path)?)?;
    }
    Ok(())
}

fn gzip_len(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).context("gzip failed")?;
    Ok(encoder.finish().context("gzip failed")?.len())
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
