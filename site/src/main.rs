//! Natively: writes the site's files into a folder. In the browser: the site.
#![allow(clippy::print_stdout, reason = "a command-line program talks to its developer")]

#[cfg(engine)]
mod export;

#[cfg(client)]
fn main() {
    seisiun_site::client::start();
}

#[cfg(engine)]
fn main() -> std::process::ExitCode {
    match export::main() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
