//! Runs the command line in a process of its own, with input and a limit of time.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// What a process did.
#[derive(Debug)]
pub struct Output {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained about.
    pub error: String,
}

/// A command that has been started.
pub struct Running {
    child: Child,
    words: String,
}

/// The engine's command line with these words.
pub fn engine(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_converge-engine"));
    command.args(words);
    command
}

/// Starts a command.
pub fn start(mut command: Command) -> Running {
    let words = format!("{command:?}");
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Running {
        child: child.unwrap_or_else(|error| panic!("{words}: {error}")),
        words,
    }
}

impl Running {
    /// Gives the process its input and waits for it to end, at most `seconds`.
    pub fn finish(mut self, input: &[u8], seconds: u64) -> Output {
        let (done, ended) = channel();
        let mut pipes = (
            self.child.stdin.take(),
            self.child.stdout.take(),
            self.child.stderr.take(),
        );
        let input = input.to_vec();
        // Each pipe has its own thread, so that a full one cannot stop the others.
        let writer = thread::spawn(move || {
            // A process that refuses early closes its input; that is no failure.
            let _ = pipes.0.take().map(|mut pipe| pipe.write_all(&input));
        });
        let error = thread::spawn(move || text(pipes.2.take()));
        let out = thread::spawn(move || {
            let text = text(pipes.1.take());
            let _ = done.send(());
            text
        });
        if ended.recv_timeout(Duration::from_secs(seconds)).is_err() {
            let _ = self.child.kill();
            panic!("{} has not ended after {seconds} s", self.words);
        }
        let status = self.child.wait().expect("an exit status");
        let _ = writer.join();
        Output {
            code: status.code(),
            out: out.join().unwrap_or_default(),
            error: error.join().unwrap_or_default(),
        }
    }
}

fn text(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
