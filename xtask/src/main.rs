//! Developer commands of Converge: one entry point that installs what a command needs and runs it.
//!
//! Start reading at [`main`]; each command is one module:
//!
//! | module | what it is |
//! |---|---|
//! | `setup`, `tool` | which tools are needed, at which version, and how each is installed |
//! | `serve` | `serve` and `build`: Trunk with the right tools on its path |
//! | `tier`, `step`, `count`, `size` | `test`: the steps CI runs, their counts, the size report |
//! | `prove` | `prove`: the long forms of the proofs, resumable |
//! | `coverage` | `coverage`: what of the patterns' sheets the tests exercise |
//! | `bench` | `bench`: the speed of the kernel, natively and as wasm |
//! | `embed`, `bundle` | `post-build` and `package`: the element for other pages, in few files |
//! | `figure` | `figures`: the modules that other pages load |
//! | `packed` | the package as it is installed elsewhere, for `prove` |
//! | `host` | `hosts`: pages of docs tools with figures in them |
//! | `files` | `static`: a small file server for the end-to-end tests |
//! | `arguments`, `place`, `process`, `hash` | command line, folders, child processes, hashes |
//!
//! Errors are plain sentences: whoever reads one should know what to do next.

#![expect(
    clippy::print_stdout,
    reason = "this is a command-line program; its output is its purpose"
)]

mod arguments;
mod bench;
mod bundle;
mod count;
mod coverage;
mod embed;
mod figure;
mod files;
mod hash;
mod host;
mod packed;
mod place;
mod process;
mod prove;
mod serve;
mod setup;
mod size;
mod step;
mod tier;
mod tool;

use std::process::ExitCode;

use arguments::{Arguments, Problem};
use place::Place;

const USAGE: &str = "\
usage: cargo xtask <command> [options]

  setup                     install every tool that is missing, in a folder outside the clone
  serve [--port N] [--release] [--open]
                            build the page, serve it on this machine, rebuild on change
  build                     build the page into dist/, optimised
  test [--only A,B]         what CI runs; --only fmt,clippy,native,coverage,golden,build,e2e,size
  prove [--only A,B] [--again] [--list]
                            the long proofs; finished ones are skipped until the code changes
  coverage                  every knob, failure mode and state-machine edge, and what exercises it
  bench                     the speed of the kernel: natively, in node and in Chromium
  figures [PATTERN]...      build the modules that other pages load, of all patterns or of some
  package                   the element for other pages, ready for npm, in target/package
  hosts [NAME]...           build the pages of docs tools that the tests open, in target/hosts
  static DIR[=/PREFIX/]... --port N
                            serve folders as they are (the end-to-end tests use it)
  help                      this text

The tools live in $CONVERGE_TOOLS, or else in ~/.cache/converge/tools.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Problem::Usage(reason)) => {
            eprintln!("error: {reason}\n\n{USAGE}");
            ExitCode::from(2)
        }
        Err(Problem::Failed(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), Problem> {
    let Some((command, rest)) = words.split_first() else {
        return Err(Problem::Usage("a command is missing".to_owned()));
    };
    let place = Place::find()?;
    match command.as_str() {
        "setup" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            setup::setup(&place)?;
        }
        "serve" => serve::serve(&place, rest)?,
        "build" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            serve::build(&place)?;
        }
        "test" => tier::test(&place, rest)?,
        "prove" => prove::prove(&place, rest)?,
        "coverage" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            coverage::coverage(&place)?;
        }
        "bench" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            bench::bench(&place)?;
        }
        "post-build" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            embed::post_build(&place)?;
        }
        "figures" => figure::build(&place, &Arguments::parse(rest, &[], &[])?.words)?,
        "package" => {
            Arguments::parse(rest, &[], &[])?.no_words()?;
            embed::package(&place)?;
        }
        "hosts" => host::hosts(&place, rest)?,
        "static" => files::serve(rest)?,
        "help" | "--help" | "-h" => println!("{USAGE}"),
        unknown => return Err(Problem::Usage(format!("there is no command `{unknown}`"))),
    }
    Ok(())
}
