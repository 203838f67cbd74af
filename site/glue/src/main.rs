//! Makes what a browser loads of a program compiled for WebAssembly: the same
//! program, readied, and the JavaScript that it calls. Both must be of the very
//! version of `wasm-bindgen` that the program was compiled with, which the
//! workspace's lock gives; so this is not a tool to install.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(wasm), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: seisiun-site-glue PROGRAM.wasm FOLDER");
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(&folder).with_context(|| format!("no glue can be made for {}", wasm.display()))
}
