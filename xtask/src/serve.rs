//! `serve` and `build`: Trunk, with the pinned tools on its path.

use std::net::TcpListener;

use crate::arguments::{Arguments, Problem};
use crate::figure;
use crate::place::Place;
use crate::process::Job;
use crate::setup::ensure;
use crate::tool::Tool;

/// What a debug build needs; it never calls wasm-opt.
const SERVE: [Tool; 3] = [Tool::WasmTarget, Tool::Trunk, Tool::WasmBindgen];
/// What a release needs.
pub const BUILD: [Tool; 5] = [
    Tool::WasmTarget,
    Tool::Trunk,
    Tool::WasmBindgen,
    Tool::WasmOpt,
    Tool::Shrink,
];

const PORT: u16 = 8080;

/// Builds the page, serves it on this machine and rebuilds it on change, until interrupted.
pub fn serve(place: &Place, words: &[String]) -> Result<(), Problem> {
    let arguments = Arguments::parse(words, &["--release", "--open"], &["--port"])?.no_words()?;
    let port = arguments.port()?.unwrap_or(PORT);
    // Looked at first: nobody wants to hear about the port after ten minutes of installing.
    check_port(port)?;
    let release = arguments.has("--release");
    ensure(place, if release { &BUILD } else { &SERVE })?;
    let mut job = trunk(place, "serve").argument(format!("--port={port}"));
    for switch in ["--release", "--open"] {
        if arguments.has(switch) {
            job = job.argument(switch);
        }
    }
    println!("the page will be at http://127.0.0.1:{port}/ (Ctrl-C ends it)");
    Ok(job.become_it()?)
}

/// Builds the page into `dist/`, optimised, with the figures of all patterns.
pub fn build(place: &Place) -> Result<(), String> {
    figure::build(place, &[])?;
    release(place).run()
}

/// The job behind [`build`].
pub fn release(place: &Place) -> Job {
    trunk(place, "build --release --locked=true")
}

fn trunk(place: &Place, line: &str) -> Job {
    // Trunk asks a server for newer releases of itself, and takes NO_COLOR=1 for a wrong value.
    Job::new(place, "trunk", line)
        .variable("TRUNK_SKIP_VERSION_CHECK", "true")
        .without("NO_COLOR")
}

/// Fails when `port` is taken, naming one that is free.
fn check_port(port: u16) -> Result<(), String> {
    if is_free(port) {
        return Ok(());
    }
    let other = (port..=u16::MAX)
        .skip(1)
        .take(100)
        .find(|port| is_free(*port));
    let other = other.unwrap_or(PORT);
    Err(format!(
        "port {port} is in use; run: cargo xtask serve --port {other}"
    ))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// Lets the system choose a port that is free now.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0));
    let address = listener.and_then(|listener| listener.local_addr());
    let address = address.map_err(|error| format!("no port is free on this machine: {error}"))?;
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_a_free_one() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check_port(port).unwrap_err();
        assert!(error.contains(&format!("port {port} is in use")), "{error}");
        assert!(error.contains("--port "), "{error}");
    }

    #[test]
    fn a_chosen_port_is_free() {
        assert_eq!(check_port(free_port().unwrap()), Ok(()));
    }
}
